// A disk that is full, wherever a run needs one: it waits or fails with words that name the disk, goes on once there is
// room, and nothing is lost, doubled or started twice.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Run, RunDetails } from "@switchyard/protocol";
import { scanFolder, uploadSnapshot } from "@switchyard/sdk/node";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Desk, problemOf } from "../support/desk.ts";
import { LiveServer } from "../support/liveServer.ts";
import { SmallDisk } from "../support/smallDisk.ts";
import { until } from "../support/wait.ts";

const LOG = "azureml-logs/80_driver_log.txt";
const probe = SmallDisk.mount(1);
probe?.unmount();

/** Logs points before and after the test says go, with a file in between that says how far it is. */
const SCRIPT = `import os, sys, time
from azureml.core import Run
flags, lines = sys.argv[1], int(sys.argv[2])
with open(os.path.join(flags, "starts"), "a") as file:
    file.write("start\\n")
run = Run.get_context()
def log(first, last):
    for i in range(first, last):
        run.log("loss", i)
        if lines:
            print("line %d" % i, flush=True)
def meet(name):
    open(os.path.join(flags, name + "-reached"), "w").close()
    end = time.monotonic() + 600
    while not os.path.exists(os.path.join(flags, name)) and time.monotonic() < end:
        time.sleep(0.02)
log(0, 1000)
meet("one")
log(1000, 2000)
meet("two")
log(2000, 3000)
open("outputs/model.txt", "w").write("model" * 1000)
`;

let disk: SmallDisk;
let flags: string;
let server: LiveServer;

describe.skipIf(probe === null)("with a disk that is full", () => {
  beforeEach(() => {
    disk = SmallDisk.mount(8)!;
    flags = mkdtempSync(join(tmpdir(), "switchyard-flags-"));
  });
  afterEach(async () => {
    for (const name of ["one", "two"]) say(name);
    disk.free();
    await server.close();
    disk.unmount();
    rmSync(flags, { recursive: true });
  });

  it("a run waits to be staged, says for what, and runs once when there is room", async () => {
    server = new LiveServer({ siteRoot: join(disk.folder, "site") });
    await server.start();
    disk.fill();
    const run = await submit({ lines: 0 });
    const why = await until(200, "the run says what it waits for", async () => {
      const told = await server.client.whyRun({ params: paramsOf(run) });
      return /full|disk/i.test(told.summary) ? told : null;
    });
    expect(why.summary).toContain(disk.folder);
    expect(why.summary).toMatch(/full|no space|room/i);
    expect(["Queued", "Starting", "Preparing", "NotStarted", "Provisioning"]).toContain((await get(run)).status);
    disk.free();
    say("one");
    say("two");
    await expectWhole(await ended(run), 3000);
    // the directory of a run that is over goes by way of this folder
    await until(60, "nothing is left where jobs are staged", async () => readdirSync(join(disk.folder, "site/staging")).length === 0);
  });

  it("while it runs, a script that logs metrics does not notice, and all of them arrive once there is room", async () => {
    server = new LiveServer({ siteRoot: join(disk.folder, "site") });
    await server.start();
    const run = await submit({ lines: 0 });
    await reached("one");
    disk.fill();
    say("one");
    await reached("two");
    expect((await get(run)).status).toBe("Running");
    disk.free();
    say("two");
    await expectWhole(await ended(run), 3000);
    const log = await readLog(run);
    expect(log).toMatch(/cannot write the run's journal.*No space left/);
  });

  it("while it runs, a script that dies of it failed, and why names the disk; a rerun completes", async () => {
    server = new LiveServer({ siteRoot: join(disk.folder, "site") });
    await server.start();
    const run = await submit({ lines: 1 });
    await reached("one");
    disk.fill();
    say("one");
    say("two");
    const failed = await ended(run);
    expect(failed).toMatchObject({ status: "Failed", error: { code: "ExitCode" } });
    const why = await server.client.whyRun({ params: paramsOf(run) });
    disk.free();
    expect([why.summary, ...why.hints].join(" ")).toMatch(/disk|No space left/);
    expect(await pointsOf(run)).toEqual(Array.from({ length: (await pointsOf(run)).length }, (_, i) => i));
    const again = await server.client.rerunRun({ params: paramsOf(run), body: {} });
    expect((await ended(again)).status).toBe("Completed");
    expect(await pointsOf(again)).toEqual(Array.from({ length: 3000 }, (_, i) => i));
  });

  it.each(["artifacts", "database"])("of the server's %s, the run goes on and comes home whole once there is room", async (part) => {
    server = new LiveServer(
      part === "artifacts"
        ? { artifactsUrl: `folder:${join(disk.folder, "artifacts")}` }
        : { databaseUrl: `sqlite:${join(disk.folder, "switchyard.db")}` },
    );
    await server.start();
    const run = await submit({ lines: 1 });
    await reached("one");
    await until(200, "the first points are home", async () => (await get(run)).metrics.loss === 999);
    disk.fill();
    say("one");
    await reached("two");
    const desk = new Desk({ home: server.home });
    try {
      desk.write("train.py", "print('other')\n");
      desk.write(
        "big.bin",
        new Uint8Array(2_000_000).map((_, i) => (i * 7919) % 251),
      );
      const refused = await desk.switchyard("submit", "--async", "train.py");
      expect(refused.code).toBe(1);
      expect(problemOf(refused)).toMatchObject({ code: "disk_full", message: expect.stringMatching(/disk/) });
      expect(server.running).toBe(true);
      say("two");
      await until(200, "the script is over on its machine", async () => existsSync(join(jobOf(run), ".switchyard/attempts/1/ended.json")));
      disk.free();
      await expectWhole(await ended(run), 3000);
      expect(await readLog(run)).toBe(Array.from({ length: 3000 }, (_, i) => `line ${i}\n`).join(""));
      const second = await desk.submit("train.py");
      expect(second).toMatchObject({ code: 0, run: { status: "Completed" } });
      expect(await desk.json("run", "list")).toHaveLength(2);
    } finally {
      rmSync(desk.place, { recursive: true });
    }
  });
});

const say = (name: string) => writeFileSync(join(flags, name), "");
const reached = (name: string) => until(200, `the script reached ${name}`, async () => existsSync(join(flags, `${name}-reached`)));
const paramsOf = ({ runId }: Pick<Run, "runId">) => ({ workspace: "default", runId });
const get = (run: Run) => server.client.getRun({ params: paramsOf(run) });
const readLog = async (run: Run) => (await server.client.readRunFile({ params: { ...paramsOf(run), path: LOG } })).text();

async function submit({ lines }: { lines: number }): Promise<Run> {
  const folder = mkdtempSync(join(tmpdir(), "switchyard-full-"));
  writeFileSync(join(folder, "train.py"), SCRIPT);
  const snapshot = await uploadSnapshot(server.client, "default", await scanFolder(folder, { home: null }));
  rmSync(folder, { recursive: true });
  return server.client.submitRun({
    params: { workspace: "default" },
    body: {
      experimentName: "full",
      snapshotId: snapshot.snapshotId,
      runConfiguration: {
        script: "train.py",
        arguments: [flags, String(lines)],
        environment: { python: { userManagedDependencies: true, interpreterPath: "python3" } },
      },
    },
  });
}

function ended(run: Run): Promise<RunDetails> {
  return until(200, `${run.runId} has ended`, async () => {
    const now = await get(run);
    return now.endTimeUtc === null ? null : now;
  });
}

async function pointsOf(run: Run): Promise<readonly unknown[]> {
  return (await server.client.readMetric({ params: { ...paramsOf(run), name: "loss" }, query: { maxPoints: 10_000 } })).values;
}

function jobOf({ runId }: Run): string {
  const jobs = join(server.home, "site/jobs");
  return join(jobs, readdirSync(jobs).find((name) => name.startsWith(runId))!);
}

/** Completed, started once, every point once and in order, the output there. */
async function expectWhole(run: RunDetails, points: number): Promise<void> {
  expect({ status: run.status, error: run.error, attempts: run.attempts.length }).toEqual({
    status: "Completed",
    error: null,
    attempts: 1,
  });
  expect(readFileSync(join(flags, "starts"), "utf8")).toBe("start\n");
  expect(await pointsOf(run)).toEqual(Array.from({ length: points }, (_, i) => i));
  const output = await server.client.readRunFile({ params: { ...paramsOf(run), path: "outputs/model.txt" } });
  expect(await output.text()).toBe("model".repeat(1000));
}
