// Machines behind SSH that are gone for longer than anybody waits: what becomes of the run, and of its job when they return.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type SshHost, SshLab } from "@switchyard/compute/testing";
import type { Run } from "@switchyard/protocol";
import { scanFolder, uploadSnapshot } from "@switchyard/sdk/node";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { LiveServer } from "../support/liveServer.ts";
import { attachHost } from "../support/sshTargets.ts";
import { until } from "../support/wait.ts";

vi.setConfig({ testTimeout: 400_000, hookTimeout: 300_000 });

const GRACE_SECONDS = 3;
const LOG = "azureml-logs/80_driver_log.txt";
/** The first attempt goes on until it is stopped, or for ten minutes; the second one ends at once. */
const SCRIPT = `import os, time
from azureml.core import Run
attempt = int(os.environ["SWITCHYARD_ATTEMPT"])
run = Run.get_context()
run.log("attempt", attempt)
print("attempt", attempt, "begins", flush=True)
end = time.monotonic() + 600
while attempt == 1 and time.monotonic() < end:
    if os.path.exists(os.environ["HOME"] + "/speak"):
        run.log("attempt", -1)
        print("nobody listens", flush=True)
        os.makedirs("outputs", exist_ok=True)
        open("outputs/late.txt", "w").close()
        os.remove(os.environ["HOME"] + "/speak")
    time.sleep(0.1)
os.makedirs("outputs", exist_ok=True)
open("outputs/of.txt", "w").write(str(attempt))
`;

const server = new LiveServer({
  variables: { SWITCHYARD_UNREACHABLE_LOST_AFTER_SECONDS: `${GRACE_SECONDS}`, SWITCHYARD_NOT_RESPONDING_AFTER_SECONDS: "0.2" },
});
let lab: SshLab;
let host: SshHost;
let snapshotId: string;
beforeAll(async () => {
  lab = await SshLab.start(0);
  await server.start();
  const folder = mkdtempSync(join(tmpdir(), "switchyard-lost-"));
  writeFileSync(join(folder, "train.py"), SCRIPT);
  snapshotId = (await uploadSnapshot(server.client, "default", await scanFolder(folder))).snapshotId;
  rmSync(folder, { recursive: true });
});
afterAll(async () => {
  await server.close();
  await lab?.close();
});
beforeEach(async () => {
  host = await lab.add();
  await attachHost(server.client, lab, host);
});
afterEach(() => host.remove());

describe("a machine that is powered off for good", () => {
  it("has lost its run, which says so after the grace period, and keeps what came home", async () => {
    const run = await runningOn(host);
    await host.powerOff();
    await until(60, "the run does not respond", async () => (await get(run)).status === "NotResponding");
    const lost = await ended(run);
    expect(lost).toMatchObject({
      status: "Failed",
      error: { code: "JobLost", message: expect.stringContaining("has not answered since") },
    });
    const why = await server.client.whyRun({ params: params(run) });
    expect(why.summary).toMatch(/has not answered since/);
    expect(await log(run)).toBe("attempt 1 begins\n");
    expect(await points(run)).toEqual([1]);
  });

  it("and comes back has its run's next attempt, if the run's configuration allows one", async () => {
    const run = await runningOn(host, { restart: { onLoss: true } });
    await host.powerOff();
    const queued = await until(120, "the run stands in line again", async () => {
      const now = await get(run);
      return now.attempts[0]?.because === "lost" && now;
    });
    expect(queued).toMatchObject({ endTimeUtc: null, error: null });
    await host.startServer();
    expect(await ended(run)).toMatchObject({
      status: "Completed",
      error: null,
      attempts: [{ because: "lost" }, { number: 2, exitCode: 0 }],
    });
    expect(await Promise.all([log(run, 1), log(run, 2), text(run, "outputs/of.txt")])).toEqual([
      "attempt 1 begins\n",
      "attempt 2 begins\n",
      "2",
    ]);
    expect(await points(run)).toEqual([2]);
  });
});

describe("a machine whose run may go on elsewhere", () => {
  it("has its run's next attempt on another one, and is told to stop the abandoned one when it returns", async () => {
    const other = await lab.add();
    try {
      await attachHost(server.client, lab, other);
      const run = await runningOn(host, { restart: { elsewhere: [other.name.toUpperCase()] } });
      const plugIn = await host.cut();
      expect(await ended(run)).toMatchObject({
        status: "Completed",
        target: other.name,
        attempts: [
          { because: "lost", node: host.name },
          { number: 2, exitCode: 0, node: other.name },
        ],
      });
      expect(await text(run, "outputs/of.txt")).toBe("2");
      await plugIn();
      await stoppedAsAbandoned(host, run);
      const { timeline } = await server.client.whyRun({ params: params(run) });
      expect(timeline.map(({ what, detail }) => `${what} ${detail}`)).toContain(
        `queued again at "${other.name}", because its job was lost`,
      );
    } finally {
      await other.remove();
    }
  });

  it("is told at submit when one of the targets is not there, or cannot take the run", async () => {
    const restart = (elsewhere: string[], more: object = {}) => submitTo(host, { restart: { elsewhere }, ...more });
    await expect(restart(["nowhere"])).rejects.toThrow(/no compute target "nowhere"/);
    await expect(restart([""])).rejects.toThrow(/no compute target ""/);
  });
});

describe("a machine that is cut off for too long", () => {
  it("is told to stop the job of the run that was given up when it returns; the run stays as it ended", async () => {
    const run = await runningOn(host);
    const plugIn = await host.cut();
    const lost = await ended(run);
    expect(lost).toMatchObject({ status: "Failed", error: { code: "JobLost" } });
    await speak(host);
    await plugIn();
    await stoppedAsAbandoned(host, run);
    expect(await get(run)).toMatchObject({ status: "Failed", error: lost.error, endTimeUtc: lost.endTimeUtc });
    expect(await log(run)).toBe("attempt 1 begins\n");
    expect(await points(run)).toEqual([1]);
    expect(existsSync(join(jobDirectory(host, run), "outputs/late.txt"))).toBe(true);
  });

  it("has the abandoned attempt stopped when it returns, and what that one did meanwhile is not mixed into the next", async () => {
    const run = await runningOn(host, { restart: { onLoss: true } });
    const plugIn = await host.cut();
    await until(120, "the attempt is lost", async () => (await get(run)).attempts[0]?.because === "lost");
    await speak(host);
    await plugIn();
    await stoppedAsAbandoned(host, run);
    expect(await ended(run)).toMatchObject({
      status: "Completed",
      error: null,
      attempts: [{ because: "lost" }, { number: 2, exitCode: 0 }],
    });
    expect(await Promise.all([log(run, 1), log(run, 2), text(run, "outputs/of.txt")])).toEqual([
      "attempt 1 begins\n",
      "attempt 2 begins\n",
      "2",
    ]);
    expect(await points(run)).toEqual([2]);
    const files = await server.client.listRunFiles({ params: params(run) });
    expect(JSON.stringify(files)).not.toContain("late.txt");
  });
});

const submitTo = ({ name }: SshHost, more: object): Promise<Run> =>
  server.client.submitRun({
    params: { workspace: "default" },
    body: {
      experimentName: "lost",
      snapshotId,
      runConfiguration: {
        script: "train.py",
        target: name,
        environment: { python: { userManagedDependencies: true, interpreterPath: "python3" } },
        ...more,
      },
    },
  });

async function runningOn(machine: SshHost, more: object = {}): Promise<Run> {
  const run = await submitTo(machine, more);
  await until(150, "the script's first line and point are home", async () => {
    const said = await log(run).catch(() => "");
    return said !== "" && (await points(run).catch(() => [])).length > 0;
  });
  return run;
}

const params = (run: Run) => ({ workspace: "default", runId: run.runId });
const get = (run: Run) => server.client.getRun({ params: params(run) });
const text = async (run: Run, path: string) => (await server.client.readRunFile({ params: { ...params(run), path } })).text();
const log = (run: Run, attempt?: number) => text(run, attempt === undefined ? LOG : `attempts/${attempt}/${LOG}`);
const points = async (run: Run) =>
  (await server.client.readMetric({ params: { ...params(run), name: "attempt" }, query: { maxPoints: 100 } })).values;

const ended = (run: Run) =>
  until(200, `${run.runId} has ended`, async () => {
    const now = await get(run);
    return now.endTimeUtc !== null && now;
  });

/** Has the script of the host say and save something; nobody can hear it while the host is cut off. */
async function speak({ home }: SshHost): Promise<void> {
  writeFileSync(join(home, "speak"), "");
  await until(60, "the script that was cut off has spoken", async () => !existsSync(join(home, "speak")));
}

function jobDirectory({ home }: SshHost, run: Run): string {
  const jobs = join(home, ".switchyard/site/jobs");
  return join(jobs, readdirSync(jobs).find((job) => job === run.runId || job.startsWith(`${run.runId}~1`)) ?? expect.fail("no job"));
}

async function stoppedAsAbandoned(machine: SshHost, run: Run): Promise<void> {
  const attempt = join(jobDirectory(machine, run), ".switchyard/attempts/1");
  await until(120, "the abandoned attempt has ended", async () => existsSync(join(attempt, "ended.json")));
  expect(JSON.parse(readFileSync(join(attempt, "ended.json"), "utf8"))).toMatchObject({ because: "abandoned" });
}
