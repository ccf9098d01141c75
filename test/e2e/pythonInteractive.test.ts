// Interactive runs: a process that is no job logs to a run of its own, whatever becomes of the network and of the process.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, expect, it } from "vitest";
import { Desk } from "../support/desk.ts";
import { LiveServer } from "../support/liveServer.ts";
import { pythonIn, pythonVariables } from "../support/python.ts";
import { until, within } from "../support/wait.ts";

const server = new LiveServer();
const desk = new Desk();
const started: ChildProcess[] = [];
beforeAll(() => server.start());
afterAll(async () => {
  for (const child of started) child.kill("SIGKILL");
  await server.close();
  await desk.close();
});

const PREAMBLE = `
import json, os, sys, time
from azureml.core import Experiment, Run, Workspace
exp = Experiment(Workspace.get("default"), "interactive")
`;

const run = pythonIn({ home: server.home, cwd: desk.project, preamble: PREAMBLE });
const python = async (code: string) => (await run(code)).stdout;

/** A program that says its run's id on its first line, and goes on when it is sent one. */
async function program(code: string) {
  const child = spawn("python3", ["-c", PREAMBLE + code], {
    env: pythonVariables(server.home),
    cwd: desk.project,
    stdio: ["pipe", "pipe", "pipe"],
  });
  started.push(child);
  let said = "";
  child.stderr.on("data", (bytes) => {
    said += bytes;
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const line = async () => (await within(200, "the program says something", lines.next())).value as string;
  const gone = once(child, "exit"); // it may end before anybody asks
  return { child, line, goOn: () => child.stdin.write("\n"), ended: () => gone, stderr: () => said };
}

const spools = () => (existsSync(join(server.home, "spool")) ? readdirSync(join(server.home, "spool")) : []);
const details = (runId: string) => server.client.getRun({ params: { workspace: "default", runId } });
const points = async (runId: string, name: string) =>
  (await server.client.readMetric({ params: { workspace: "default", runId, name }, query: {} })).values;

it("logs, keeps files, makes children and snapshots, and ends", async () => {
  desk.write("note.py", "print(1)");
  const said = await python(`
with exp.start_logging() as run:
    print(run.get_status())
    run.log("message", "Hello"); run.log("loss", 0.5); run.log("loss", 0.25); run.log_list("squares", (i * i for i in range(3)))
    run.log_row("row", a=1, b=2); run.log_table("table", {"x": [1, 2]}); run.tag("kind", "try"); run.add_properties({"author": "me"})
    open("image.png", "wb").write(b"PNG"); run.log_image("picture", path="image.png")
    run.upload_file("notes/a.txt", "note.py"); run.description = "words"
    with open("outputs/model.pkl", "w") as file: file.write("weights")
    for number in range(2):
        with run.child_run("kid%d" % number) as child:
            child.log("depth", number); child.upload_file("own.txt", "note.py")
    said = {"metrics": run.get_metrics(), "kids": [kid.name for kid in run.get_children()], "tags": run.tags, "description": run.description}
print(run.get_status())
run.log("afterwards", 1)
again = Run(exp, run.id)
kid = next(again.get_children())
said.update(after=again.get_metrics("afterwards"), files=again.get_file_names(), type=again.type, snapshot=again.get_snapshot_id() is not None,
            own=kid.get_file_names(), depth=kid.get_metrics(), status=kid.get_status(), author=again.properties["author"],
            image=again.get_metrics("picture", populate=True)["picture"].decode(), parent=kid.parent.id == run.id)
print(json.dumps(said))
`);
  const [running, completed, facts] = said.trim().split("\n");
  expect([running, completed]).toEqual(["Running", "Completed"]);
  expect(JSON.parse(facts!)).toEqual({
    metrics: {
      message: "Hello",
      loss: [0.5, 0.25],
      squares: [0, 1, 4],
      row: { a: 1, b: 2 },
      table: { x: [1, 2] },
      picture: expect.stringMatching(/^aml:\/\/artifactId\/ExperimentRun\/dcid\.interactive_.*\/picture_\d+\.png$/),
    },
    kids: ["kid1", "kid0"],
    tags: { kind: "try" },
    description: "words",
    after: { afterwards: 1 },
    files: expect.arrayContaining(["notes/a.txt", "outputs/model.pkl", expect.stringMatching(/^picture_/)]),
    type: "azureml.interactiverun",
    snapshot: true,
    own: ["own.txt"],
    depth: { depth: 1 },
    status: "Completed",
    author: "me",
    image: "PNG",
    parent: true,
  });
  expect(spools()).toEqual([]);
});

it("stays as it first ended, and says so when it is failed too late", async () => {
  const { stdout, stderr } = await run(`
late = exp.start_logging(snapshot_directory=None, outputs=False)
late.complete()
late.fail("too late")
print(json.dumps([late.get_status(), "Status: Completed" in repr(late)]))
with exp.start_logging(snapshot_directory=None, outputs=False) as failed:
    failed.fail("no good")
print(json.dumps([failed.get_status(), "Status: Failed" in repr(failed)]))
`);
  expect(
    stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as unknown),
  ).toEqual([
    ["Completed", true],
    ["Failed", true],
  ]);
  expect(stderr.match(/UserWarning/g)).toHaveLength(1);
  expect(stderr).toContain("is complete already and stays so: fail() came too late.");
});

it("ends with its process: complete, or failed by an exception", async () => {
  const said = await python(`
run = exp.start_logging(snapshot_directory=None, outputs=False)
run.log("a", 1)
print(run.id)
`);
  expect(await details(said.trim())).toMatchObject({ status: "Completed", snapshotId: null, metrics: { a: 1 } });
  const failing = await program(`
run = exp.start_logging(snapshot_directory=None)
print(run.id, flush=True)
raise ValueError("no data")
`);
  const runId = await failing.line();
  await within(200, "the program ends", failing.ended());
  expect(await details(runId)).toMatchObject({ status: "Failed", error: { code: "ValueError", message: "ValueError: no data" } });
});

it("goes on while the server is away, and brings all of it when it is back", async () => {
  const away = await program(`
run = exp.start_logging(snapshot_directory=None)
print(run.id, flush=True)
sys.stdin.readline()
began = time.monotonic()
for i in range(1000): run.log("loss", i)
run.upload_file("late.txt", os.path.abspath("note.py")); run.tag("said", "away")
print(time.monotonic() - began, flush=True)
sys.stdin.readline()
run.complete()
`);
  const runId = await away.line();
  await server.kill();
  away.goOn();
  expect(Number(await away.line())).toBeLessThan(20); // the work of a moment, were the machine idle; the server is away until it is done
  await server.start();
  away.goOn();
  await within(200, "the program ends", away.ended());
  expect(await details(runId)).toMatchObject({ status: "Completed", tags: { said: "away" }, metrics: { loss: 999 } });
  expect(await points(runId, "loss")).toHaveLength(1000);
  expect(away.stderr()).toContain("cannot be told of run");
  expect((await server.client.listRunFiles({ params: { workspace: "default", runId }, query: {} })).map(({ path }) => path)).toContain(
    "late.txt",
  );
});

it("carries on what a killed process left behind, and says how its run ended", async () => {
  const killed = await program(`
run = exp.start_logging(snapshot_directory=None)
print(run.id, flush=True)
sys.stdin.readline()
for i in range(100): run.log("loss", i)
print("logged", flush=True)
sys.stdin.readline()
`);
  const runId = await killed.line();
  await server.kill();
  killed.goOn();
  await killed.line();
  killed.child.kill("SIGKILL");
  await killed.ended();
  await server.start();
  expect(spools()).toEqual([runId]);
  expect((await details(runId)).status).toBe("Running");
  await python(`exp.start_logging(snapshot_directory=None).complete(); time.sleep(0); import threading
for thread in threading.enumerate():
    if thread.name == "switchyard-leftovers": thread.join(200)
`);
  await until(200, "the run has ended", async () => (await details(runId)).endTimeUtc);
  expect(await details(runId)).toMatchObject({ status: "Failed", error: { code: "ProcessDied" }, metrics: { loss: 99 } });
  expect(await points(runId, "loss")).toHaveLength(100);
  await until(60, "its spool is gone, which goes after its run has ended", async () => spools().length === 0);
});

it("takes what forked processes log", async () => {
  const said = await python(`
run = exp.start_logging(snapshot_directory=None)
pids = []
for rank in range(3):
    pid = os.fork()
    if pid == 0:
        for i in range(50): run.log("rank%d" % rank, i)
        assert run.get_metrics("rank%d" % rank) == {"rank%d" % rank: list(range(50))}
        os._exit(0)
    pids.append(pid)
codes = [os.waitpid(pid, 0)[1] for pid in pids]
run.complete()
print(json.dumps([codes, sorted(run.get_metrics())]))
`);
  expect(JSON.parse(said)).toEqual([
    [0, 0, 0],
    ["rank0", "rank1", "rank2"],
  ]);
});
