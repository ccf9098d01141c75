// What a run uses of its machine is seen while it runs.
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { MetricPoints } from "@switchyard/protocol";
import { scanFolder, uploadSnapshot } from "@switchyard/sdk/node";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { LiveServer } from "../support/liveServer.ts";
import { until } from "../support/wait.ts";

vi.setConfig({ testTimeout: 500_000 });
const server = new LiveServer();
const folder = mkdtempSync(join(tmpdir(), "switchyard-use-"));
beforeAll(() => server.start());
afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true });
});

const MEGABYTES = 60;
/** Asks for a processor of its own, of which a busy machine gives it a part. Ends by itself, should the test fail before it cancels the run. */
const SCRIPT = `
import time
held = bytearray(${MEGABYTES} * 1000 * 1000)
end = time.monotonic() + 600
while time.monotonic() < end:
    held[0] = (held[0] + 1) % 256
`;

const highest = (curve: MetricPoints | null) => Math.max(0, ...((curve?.values ?? []) as number[]));

it("CPU and memory of a running script come home as curves", async () => {
  writeFileSync(join(folder, "burn.py"), SCRIPT);
  const { snapshotId } = await uploadSnapshot(server.client, "default", await scanFolder(folder));
  const python = { userManagedDependencies: true, interpreterPath: "python3" };
  const body = { experimentName: "use", snapshotId, runConfiguration: { script: "burn.py", environment: { python } } };
  const { runId } = await server.client.submitRun({ params: { workspace: "default" }, body });
  const params = { workspace: "default", runId };
  const use = await until(200, "the sampler has seen the script at work", async () => {
    const seen = await server.client.readUse({ params });
    return highest(seen.cpu) > 0.05 && highest(seen.memory) > MEGABYTES * 1e6 ? seen : null;
  });
  expect(highest(use.memory)).toBeLessThan(10 * MEGABYTES * 1e6);
  const jobs = join(server.home, "site/jobs");
  await until(100, "its peak is known", async () =>
    readdirSync(jobs).some((job) => existsSync(join(jobs, job, ".switchyard/attempts/1/peak"))),
  );
  await server.client.cancelRun({ params, body: { graceSeconds: 1 } });
  const run = await until(100, "the run is over", async () => {
    const now = await server.client.getRun({ params });
    return now.endTimeUtc ? now : null;
  });
  expect(run.status).toBe("Canceled");
  expect(run.attempts[0]!.peakMemoryBytes).toBeGreaterThan(MEGABYTES * 1e6);
});
