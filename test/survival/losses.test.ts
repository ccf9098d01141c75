// Parts of a run are killed, removed or cut off: right status, right reason in `why`, no false success, no false failure.
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Run } from "@switchyard/protocol";
import { scanFolder, uploadSnapshot } from "@switchyard/sdk/node";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { LiveServer } from "../support/liveServer.ts";
import { until } from "../support/wait.ts";
import { expectWhole, sendFolder, submitSurvivor, survivalFolder } from "./script.ts";

vi.setConfig({ testTimeout: 300_000 });
const server = new LiveServer({ variables: { SWITCHYARD_LOST_AFTER_SECONDS: "2" } });
beforeAll(() => server.start());
afterAll(() => server.close());

describe("a run whose", () => {
  it("supervisor is killed still ends by its exit code", async () => {
    const run = await submit("wait(); sys.exit(7)");
    const pids = await pidsOf(run);
    process.kill(pids.supervisor, "SIGKILL");
    release(run);
    expect(await ended(run)).toMatchObject({ status: "Failed", error: { code: "ExitCode" }, attempts: [{ exitCode: 7 }] });
    expect((await why(run)).summary).toContain("7");
  });

  it("supervisor is killed still completes when the script does", async () => {
    const run = await submit("wait(); print('done')");
    process.kill((await pidsOf(run)).supervisor, "SIGKILL");
    release(run);
    expect(await ended(run)).toMatchObject({ status: "Completed", attempts: [{ exitCode: 0 }] });
  });

  it("supervisor and waiter are killed has an unknown outcome, said so, and only once the script is over", async () => {
    const run = await submit("wait(); print('done')");
    const pids = await pidsOf(run);
    stopQuietly(pids.supervisor);
    stopQuietly(pids.waiter);
    expect((await get(run)).status).toBe("Running");
    release(run);
    expect(await ended(run)).toMatchObject({ status: "Failed", error: { code: "OutcomeUnknown" } });
    expect((await why(run)).summary).toMatch(/nobody saw|unknown/i);
  });

  it("script is killed failed by that signal", async () => {
    const run = await submit("wait()");
    process.kill((await pidsOf(run)).script, "SIGKILL");
    expect(await ended(run)).toMatchObject({ status: "Failed", attempts: [{ signal: "KILL" }] });
    expect((await why(run)).hints.join(" ")).toMatch(/memory/);
  });

  it("job directory is removed is lost, after the grace period", async () => {
    const run = await submit("wait()");
    const pids = await pidsOf(run);
    rmSync(jobDirectory(run), { recursive: true, force: true });
    try {
      expect(await ended(run)).toMatchObject({ status: "Failed", error: { code: "JobLost" } });
    } finally {
      stopQuietly(pids.script);
    }
  });

  it("pid belongs to another process after a reboot is not taken for running", async () => {
    const run = await submit("wait()");
    const pids = await pidsOf(run);
    await server.kill();
    for (const pid of [pids.supervisor, pids.waiter, pids.script]) stopQuietly(pid);
    // As after a reboot: the same numbers, now of a process that is alive and not ours.
    const file = join(jobDirectory(run), ".switchyard/attempts/1/pids");
    const words = readFileSync(file, "utf8").trim().split(" ");
    const reused = words.map((word, at) => (at % 2 === 0 && at < 6 ? String(process.pid) : word));
    rmSync(join(jobDirectory(run), ".switchyard/attempts/1/exit"), { force: true });
    writeFileSync(`${file}.new`, `${reused.join(" ")}\n`);
    renameSync(`${file}.new`, file);
    await server.start();
    expect(await ended(run)).toMatchObject({ status: "Failed", error: { code: "OutcomeUnknown" } });
  });
});

it("a server that is down for a run's whole life has everything afterwards, and the script does not wait for it", async () => {
  const { folder, startsFile } = survivalFolder();
  // it has to go on when its start was seen
  const work = { points: 500, lines: 500, outputBytes: 10_000, seconds: 3 };
  const snapshotId = await sendFolder(server.client, folder);
  const began = performance.now();
  const run = await submitSurvivor(server.client, snapshotId, startsFile, "downtime", work);
  await until(60, "the script was started", async () => readFileSync(startsFile, "utf8").includes(run.runId));
  await server.kill();
  await until(60, "the attempt has ended without a server", async () =>
    existsSync(join(jobDirectory(run), ".switchyard/attempts/1/ended.json")),
  );
  const wholeLifeSeconds = (performance.now() - began) / 1000;
  await server.start();
  const whole = await ended(run);
  await expectWhole(server.client, run.runId, startsFile, work);
  expect(whole.attempts[0]!.durationSeconds).toBeLessThan(wholeLifeSeconds);
  rmSync(folder, { recursive: true });
});

// --- a script that waits until the test releases it

const folders = new Map<string, string>();
const WAITING = `import os, sys, time
def wait():
    end = time.monotonic() + 300
    print("waiting", flush=True)
    while not os.path.exists(sys.argv[1]) and time.monotonic() < end:
        time.sleep(0.02)
`;

async function submit(body: string): Promise<Run> {
  const folder = mkdtempSync(join(tmpdir(), "switchyard-loss-"));
  const flags = mkdtempSync(join(tmpdir(), "switchyard-flag-"));
  writeFileSync(join(folder, "train.py"), `${WAITING}\n${body}\n`);
  const snapshot = await uploadSnapshot(server.client, "default", await scanFolder(folder));
  const run = await server.client.submitRun({
    params: { workspace: "default" },
    body: {
      experimentName: "losses",
      snapshotId: snapshot.snapshotId,
      runConfiguration: {
        script: "train.py",
        arguments: [join(flags, "go")],
        environment: { python: { userManagedDependencies: true, interpreterPath: "python3" } },
      },
    },
  });
  folders.set(run.runId, flags);
  rmSync(folder, { recursive: true });
  return run;
}

const release = (run: Run) => writeFileSync(join(folders.get(run.runId)!, "go"), "");
const params = (run: Run) => ({ workspace: "default", runId: run.runId });
const get = (run: Run) => server.client.getRun({ params: params(run) });
const why = (run: Run) => server.client.whyRun({ params: params(run) });

async function ended(run: Run) {
  return until(100, `${run.runId} has ended`, async () => {
    const now = await get(run);
    return now.endTimeUtc ? now : null;
  });
}

function jobDirectory(run: Run): string {
  const jobs = join(server.home, "site", "jobs");
  const name = readdirSync(jobs).find((job) => job.startsWith(run.runId));
  return join(jobs, name ?? expect.fail(`no job directory of ${run.runId}`));
}

/** Waits until the script runs, then says which processes carry it. */
async function pidsOf(run: Run) {
  await until(60, "the run is running", async () => (await get(run)).status === "Running");
  const words = readFileSync(join(jobDirectory(run), ".switchyard/attempts/1/pids"), "utf8")
    .trim()
    .split(" ");
  const [supervisor, , waiter, , script] = words.map(Number);
  // Until exec is through, the process is not yet the script's.
  await until(60, "the script is on its way", async () =>
    execFileSync("ps", ["-o", "args=", "-p", String(script)], { encoding: "utf8" }).includes("train.py"),
  );
  return { supervisor: supervisor!, waiter: waiter!, script: script! };
}

function stopQuietly(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // it is gone already, which is what was wanted
  }
}
