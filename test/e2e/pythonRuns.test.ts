// What people do with runs in Python, outside of any run: submit, look, follow, keep.
import { execFile } from "node:child_process";
import { resolve } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, it } from "vitest";
import { Desk } from "../support/desk.ts";
import { LiveServer } from "../support/liveServer.ts";

const server = new LiveServer();
const desk = new Desk();
beforeAll(() => server.start());
afterAll(async () => {
  await server.close();
  await desk.close();
});

const PYTHON = resolve(import.meta.dirname, "../../python");

/** Runs a program in the project folder that talks to the server of these tests. */
async function python(code: string, variables: Record<string, string> = {}): Promise<string> {
  const env = { ...process.env, PYTHONPATH: PYTHON, PYTHONDONTWRITEBYTECODE: "1", SWITCHYARD_HOME: server.home, ...variables };
  const { stdout } = await promisify(execFile)("python3", ["-c", `${PREAMBLE}\n${code}`], { env, cwd: desk.project, timeout: 100_000 });
  return stdout;
}

const PREAMBLE = `
import json, os, sys
from azureml.core import Experiment, Run, ScriptRun, Workspace
from switchyard_client.submitting import submit_script
ws = Workspace.get("default")
WIRE = {"script": "train.py", "environment": {"python": {"userManagedDependencies": True, "interpreterPath": "python3"}}}
`;

it("submits a folder once, with only what the server lacks", async () => {
  desk.write("train.py", "from azureml.core import Run\nrun = Run.get_context()\nrun.log('loss', 0.25)\nprint('hello from the script')\n");
  desk.write("data/big.bin", "x".repeat(3_000_000));
  desk.write(".amlignore", "data/secret.txt\n");
  desk.write("data/secret.txt", "stays");
  const said = await python(`
run = submit_script(Experiment(ws, "submitting"), ".", WIRE, tags={"team": "a", "bare": None}, display_name="first")
details = run.wait_for_completion()
print(json.dumps([type(run) is ScriptRun, run.id.startswith("submitting_"), details["status"], run.get_metrics(), run.tags, run.name]))
again = submit_script(Experiment(ws, "submitting"), ".", WIRE)
print(json.dumps([again.get_snapshot_id() != run.get_snapshot_id(), again.number]))
again.wait_for_completion()
`);
  const [first, second] = said
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as unknown);
  expect(first).toEqual([true, true, "Completed", { loss: 0.25 }, { team: "a", bare: null }, "first"]);
  expect(second).toEqual([true, 2]);
});
