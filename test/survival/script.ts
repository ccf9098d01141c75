// The training script of the survival tests, and the check that nothing of it was lost, doubled or reordered.
import { createHash } from "node:crypto";
import { chmodSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { SwitchyardClient } from "@switchyard/sdk";
import { scanFolder, uploadSnapshot } from "@switchyard/sdk/node";
import { expect } from "vitest";
import { until } from "../support/wait.ts";

export interface Workload {
  readonly points: number;
  readonly lines: number;
  readonly outputBytes: number;
  /** seconds over which the script spreads its work */
  readonly seconds: number;
}

const SOURCE = `
import hashlib, os, sys, time
from azureml.core import Run

points, lines, size, seconds, starts = int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4]), sys.argv[5]
with open(starts, "a") as file:
    file.write("%s\\n" % os.environ["AZUREML_RUN_ID"])
run = Run.get_context()
end = time.monotonic() + seconds
steps = max(points, lines)
for i in range(steps):
    if i < points:
        run.log("loss", i)
    if i < lines:
        print("line %d" % i, flush=True)
    ahead = end - seconds * (1 - (i + 1) / steps) - time.monotonic()
    if ahead > 0.01:
        time.sleep(ahead)
os.makedirs("outputs", exist_ok=True)
block = hashlib.sha256(os.environ["AZUREML_RUN_ID"].encode()).digest()
with open("outputs/data.bin", "wb") as file:
    file.write((block * (size // 32 + 1))[:size])
run.tag("done", "yes")
`;

/** A folder with the script, and the file in which every start of it leaves its run id. */
export function survivalFolder(): { folder: string; startsFile: string } {
  const folder = mkdtempSync(join(tmpdir(), "switchyard-survival-"));
  writeFileSync(join(folder, "train.py"), SOURCE);
  const startsFolder = mkdtempSync(join(tmpdir(), "switchyard-starts-"));
  const startsFile = join(startsFolder, "starts");
  writeFileSync(startsFile, "");
  // Scripts on other machines of a test run under other accounts.
  chmodSync(startsFolder, 0o755);
  chmodSync(startsFile, 0o666);
  return { folder, startsFile };
}

/** Sends the folder; answers the snapshot's id. */
export async function sendFolder(client: SwitchyardClient, folder: string): Promise<string> {
  return (await uploadSnapshot(client, "default", await scanFolder(folder))).snapshotId;
}

/** Submits. Asked again with the same arguments it meets the same run: id and key are the caller's. */
export async function submitSurvivor(
  client: SwitchyardClient,
  snapshotId: string,
  startsFile: string,
  runId: string,
  work: Workload,
  target = "local",
) {
  return client.submitRun({
    params: { workspace: "default" },
    idempotencyKey: runId,
    body: {
      experimentName: "survival",
      runId,
      snapshotId,
      runConfiguration: {
        script: "train.py",
        arguments: [work.points, work.lines, work.outputBytes, work.seconds, startsFile].map(String),
        target,
        environment: { python: { userManagedDependencies: true, interpreterPath: "python3" } },
      },
    },
  });
}

/** What a person's client does while servers die: tries again until it is answered, or says what stood in the way. */
export async function persistently<T>(what: string, ask: () => Promise<T>): Promise<T> {
  let trouble: unknown;
  const remember = (error: unknown) => {
    trouble = error;
    return null;
  };
  try {
    return (await until(300, what, () => ask().catch(remember))) as T;
  } catch (error) {
    throw trouble === undefined ? error : new Error(`${(error as Error).message}; the last answer was: ${trouble}`, { cause: trouble });
  }
}

/** Every point, line and byte is there once and in order, and the script was started once. */
export async function expectWhole(client: SwitchyardClient, runId: string, startsFile: string, work: Workload): Promise<void> {
  const params = { workspace: "default", runId };
  const run = await client.getRun({ params });
  expect({ runId, status: run.status, error: run.error }).toEqual({ runId, status: "Completed", error: null });
  expect(run.attempts).toHaveLength(1);
  expect(run.tags).toEqual({ done: "yes" });
  const loss = await client.readMetric({ params: { ...params, name: "loss" }, query: { maxPoints: 5_000_000 } });
  expect(loss.values).toEqual(Array.from({ length: work.points }, (_, i) => i));
  const log = await client.readRunFile({ params: { ...params, path: "azureml-logs/80_driver_log.txt" } });
  expect(await log.text()).toBe(Array.from({ length: work.lines }, (_, i) => `line ${i}\n`).join(""));
  const output = await client.readRunFile({ params: { ...params, path: "outputs/data.bin" } });
  const bytes = new Uint8Array(await output.arrayBuffer());
  expect(bytes.length).toBe(work.outputBytes);
  expect(sha256(bytes)).toBe(sha256(expectedOutput(runId, work.outputBytes)));
  const starts = readFileSync(startsFile, "utf8")
    .split("\n")
    .filter((line) => line === runId);
  expect(starts).toEqual([runId]);
}

function expectedOutput(runId: string, size: number): Uint8Array {
  const block = createHash("sha256").update(runId).digest();
  const bytes = new Uint8Array(size);
  for (let at = 0; at < size; at += 32) bytes.set(block.subarray(0, Math.min(32, size - at)), at);
  return bytes;
}

const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");
