// What runs leave behind: interactive ones whose processes are gone, and directories on the compute. No run that lives is touched.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, expect, it } from "vitest";
import { Desk } from "../support/desk.ts";
import { LiveServer } from "../support/liveServer.ts";
import { pythonVariables } from "../support/python.ts";
import { until, within } from "../support/wait.ts";

const server = new LiveServer({
  variables: { SWITCHYARD_SPOOL_LOOK_SECONDS: "1", SWITCHYARD_QUIET_AFTER_SECONDS: "1", SWITCHYARD_KEEP_RUN_DIRECTORIES_SECONDS: "3600" },
});
const desk = new Desk();
const started: ChildProcess[] = [];
beforeAll(() => server.start());
afterAll(async () => {
  for (const child of started) {
    child.kill("SIGCONT");
    child.kill("SIGKILL");
  }
  await server.close();
  await desk.close();
});

const PREAMBLE = `
import json, os, sys, time
from azureml.core import Experiment, Run, Workspace
exp = Experiment(Workspace.get("default"), "interactive")
`;

/** A program that goes on until it is killed; its lines are read one by one. */
async function program(code: string, variables: Record<string, string> = {}) {
  const env = pythonVariables(server.home, variables);
  const child = spawn("python3", ["-c", PREAMBLE + code], { env, cwd: desk.project, stdio: ["pipe", "pipe", "inherit"] });
  started.push(child);
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const line = async () => (await within(200, "the program says something", lines.next())).value as string;
  const kill = async () => {
    child.kill("SIGKILL");
    await once(child, "exit");
  };
  return { child, line, kill };
}

const OPEN = `
run = exp.start_logging(snapshot_directory=None)
run.log("loss", 1)
run.flush()
print(run.id, flush=True)
`;
const details = (runId: string) => server.client.getRun({ params: { workspace: "default", runId } });
const isOver = async (runId: string) => (await details(runId)).endTimeUtc !== null;
const DIED = { status: "Failed", error: { code: "ProcessDied" } };

it("the server of the machine ends a run whose process was killed, with all that it logged, and none whose process lives", async () => {
  const idle = await program(`${OPEN}sys.stdin.readline()`);
  const stopped = await program(`${OPEN}sys.stdin.readline()`);
  // a process that was forked logs on when the one that began the run is gone
  const forked = await program(`
run = exp.start_logging(snapshot_directory=None)
child = os.fork()
if child: print(run.id, child, flush=True)
time.sleep(900)
`);
  const [runOfForked = "", pid] = (await forked.line()).split(" ");
  const killed = await program(
    `${OPEN}sys.stdin.readline()\nfor i in range(500): run.log("late", i)\nprint("logged", flush=True)\nsys.stdin.readline()`,
  );
  const [runOfIdle, runOfStopped, runOfKilled] = [await idle.line(), await stopped.line(), await killed.line()];
  stopped.child.kill("SIGSTOP");
  await server.kill();
  killed.child.stdin!.write("\n");
  await killed.line();
  await killed.kill();
  await forked.kill();
  await server.start();
  await until(200, "the run of the killed process has ended", () => isOver(runOfKilled));
  expect(await details(runOfKilled)).toMatchObject({ ...DIED, metrics: { loss: 1, late: 499 } });
  for (const runId of [runOfIdle, runOfStopped, runOfForked]) expect(await isOver(runId), runId).toBe(false);
  process.kill(Number(pid), "SIGKILL");
  await until(200, "the run of the forked process has ended", () => isOver(runOfForked));
  for (const runId of [runOfIdle, runOfStopped]) expect(await isOver(runId), runId).toBe(false);
  const spools = () => readdirSync(join(server.home, "spool")).sort();
  await until(60, "only the spools of those that live are left: one goes after its run has ended", async () => spools().length === 2);
  expect(spools()).toEqual([runOfIdle, runOfStopped].sort());
});

it("where the server cannot look, it says how long nothing has come, and the next program that opens a workspace ends the run", async () => {
  const spool = join(desk.place, "spool");
  const elsewhere = { SWITCHYARD_SPOOL: spool };
  const killed = await program(`${OPEN}sys.stdin.readline()`, elsewhere);
  const lives = await program(`${OPEN}sys.stdin.readline()`, elsewhere);
  const [runId, living] = [await killed.line(), await lives.line()];
  await killed.kill();
  const why = () => server.client.whyRun({ params: { workspace: "default", runId } });
  await until(200, "the silence is said", async () => (await why()).summary.includes("Nothing has come from there since"));
  expect(await why()).toMatchObject({ status: "Running", hints: [`If it is gone: switchyard run cancel -r ${runId}`, expect.any(String)] });
  const visitor = await program(
    `import threading
print(json.dumps(Run.get(exp.workspace, "${runId}").get_detailed_status()), flush=True)
for thread in threading.enumerate():
    if thread.name == "switchyard-leftovers": thread.join(200)
print("looked", flush=True)`,
    elsewhere,
  );
  expect(JSON.parse(await visitor.line()).status).toMatch(/Running|Failed/);
  expect(await visitor.line()).toBe("looked");
  expect(await details(runId)).toMatchObject(DIED);
  expect(await isOver(living)).toBe(false);
  expect(existsSync(join(spool, runId))).toBe(false);
});

it("Run.clean removes the directory of a run that is over, and nothing else of it", async () => {
  desk.write(
    "code/train.py",
    "import os, time\nopen('outputs/kept.txt', 'w').write('x')\nwhile os.path.exists(os.environ['WAIT']): time.sleep(0.05)",
  );
  const wait = desk.write("wait", "");
  const visitor = await program(`
from azureml.core import ScriptRunConfig
from azureml.exceptions import UserErrorException
config = ScriptRunConfig("code", "train.py")
config.run_config.environment.python.user_managed_dependencies = True
config.run_config.environment_variables = {"WAIT": ${JSON.stringify(wait)}}
run = exp.submit(config)
try:
    run.clean()
except UserErrorException as error:
    print(error.message, flush=True)
os.unlink(${JSON.stringify(wait)})
run.wait_for_completion()
before = os.listdir(${JSON.stringify(join(server.home, "site/jobs"))})
gone = run.clean()
print(json.dumps([len(gone), gone[0] in before, os.path.exists(os.path.join(${JSON.stringify(join(server.home, "site/jobs"))}, gone[0])), run.clean(), run.get_file_names()]), flush=True)
own = exp.start_logging(snapshot_directory=None)
own.complete()
print(json.dumps(own.clean()), flush=True)
`);
  expect(await visitor.line()).toMatch(/^Run interactive_\S+ is not over, and needs its files\. Cancel it first, or wait for its end\.$/);
  expect(JSON.parse(await visitor.line())).toEqual([1, true, false, [], expect.arrayContaining(["outputs/kept.txt"])]);
  expect(JSON.parse(await visitor.line())).toEqual([]);
});
