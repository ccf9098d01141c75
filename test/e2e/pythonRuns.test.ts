// What people do with runs in Python, outside of any run: submit, look, follow, keep.
import { expect, it } from "vitest";
import { blocksOf } from "../support/guide.ts";
import { pythonIn } from "../support/python.ts";
import { serverAndDesk } from "../support/serverAndDesk.ts";

const { server, desk } = serverAndDesk();

const PREAMBLE = `
import json, os, sys
from azureml.core import Experiment, Run, ScriptRun, Workspace
from switchyard_client.submitting import submit_script
ws = Workspace.get("default")
WIRE = {"script": "train.py", "environment": {"python": {"userManagedDependencies": True, "interpreterPath": "python3"}}}
`;
const run = pythonIn({ home: server.home, cwd: desk.project, preamble: PREAMBLE });
const python = async (code: string, variables: Record<string, string> = {}) => (await run(code, { variables })).stdout;

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

it("shows the output of a run that is submitted with show_output, as the articles of v1 have it", async () => {
  desk.write("loud.py", "print('heard while it runs')\nraise SystemExit(3)\n");
  const said = await python(`
from azureml.core import Environment, ScriptRunConfig
mine = Environment("mine")
mine.python.user_managed_dependencies = True
mine.python.interpreter_path = "python3"
run = Experiment(ws, "loud").submit(ScriptRunConfig(".", "loud.py", environment=mine), show_output=True)
print("then", run._details["status"])
`);
  expect(said).toMatch(/heard while it runs[\s\S]*Execution Summary[\s\S]*then Failed/);
});

it("lets a script look up targets and experiments by name, to submit to them, and change none", async () => {
  desk.write(
    "parent.py",
    `
from azureml.core import Run
from azureml.core.compute import AmlCompute, ComputeTarget
run = Run.get_context()
ws = run.experiment.workspace
print(sorted(ws.compute_targets), ComputeTarget(ws, "small").type, "parents" in ws.experiments)
for change in (ComputeTarget(ws, "small").delete, ComputeTarget(ws, "small").get_credentials, lambda: ComputeTarget.create(ws, "more", AmlCompute.provisioning_configuration())):
    try: change()
    except Exception as error: print(type(error).__name__, error)
`,
  );
  const said = await python(`
from azureml.core.compute import AmlCompute, ComputeTarget
ComputeTarget.create(ws, "small", AmlCompute.provisioning_configuration(max_nodes=1)).wait_for_completion()
submit_script(Experiment(ws, "parents"), ".", dict(WIRE, script="parent.py")).wait_for_completion(show_output=True)
`);
  expect(said).toContain("['small'] AmlCompute True");
  expect(said.match(/Exception A run's own token may not use/g)).toHaveLength(3);
});

it("looks at runs from outside, and follows one", async () => {
  desk.write("deep/er.bin", "x".repeat(100_000));
  desk.write(
    "talk.py",
    `
import os
from azureml.core import Run
run = Run.get_context()
print("first line")
run.log_row("rows", x=1, y=2); run.log_row("rows", x=3, y=4)
run.log_list("list", [1, 2]); run.log("text", "word"); run.log("once", 1)
for value in (1, 2, 3): run.log("curve", value)
with run.child_run("kid") as child: child.log("depth", 1)
os.makedirs("outputs", exist_ok=True)
open("outputs/model.txt", "w").write("weights")
print("last line")
`,
  );
  const said = await python(`
exp = Experiment(ws, "following")
run = submit_script(exp, ".", dict(WIRE, script="talk.py"), tags={"quality": "good"})
run.wait_for_completion(show_output=True)
print("#####")
again = Run(exp, run.id)
run.add_properties({"author": "me"})
refused = None
try:
    run.add_properties({"author": "you"})
except Exception as error:
    refused = str(error)
again.tag("Competition Rank", 1); again.tag("bare"); again.display_name = "named"; again.log("late", 7)
again.upload_file("notes/a.txt", "talk.py")
again.download_file("outputs/model.txt", "got/"), again.download_files(prefix="outputs/", output_directory="all")
missing = None
try:
    again.download_file("outputs/modle.txt")
except Exception as error:
    missing = [type(error).__name__, error.message]
archive = again.restore_snapshot(path="snapshots")
import zipfile
print(json.dumps({
    "metrics": again.get_metrics(), "one": again.get_metrics("once"), "recursive": len(again.get_metrics(recursive=True)),
    "tags": again.get_tags(), "author": again.get_properties()["author"], "refused": refused, "missing": missing, "name": Run.get(ws, run.id).name,
    "files": [name for name in again.get_file_names() if not name.startswith("azureml-logs")],
    "got": open("all/outputs/model.txt").read(), "logs": "first line" in "".join(again.get_details_with_logs()["logFiles"].values()),
    "listed": [each.id == run.id for each in exp.get_runs(properties={"author": "me"}, tags={"quality": "good"})],
    "none": [each.id for each in exp.get_runs(tags={"quality": "bad"})], "bare": len(list(exp.get_runs(tags="bare"))),
    "kid": [child.display_name for child in run.get_children()], "parent": next(run.get_children()).parent.id == run.id,
    "classes": [type(Run.get(ws, run.id)).__name__, repr(run).replace(run.id, "ID")],
    "zip": sorted(set(zipfile.ZipFile(archive).namelist()) & {"talk.py", "deep/er.bin"}),
    "detailed": again.get_detailed_status()["status"], "ended": "endTimeUtc" in again.get_details() and "error" not in again.get_details(),
    "all": len(list(exp.get_runs(include_children=True))),
}))
`);
  const [printed, facts] = said.split("#####\n");
  expect(printed).toMatch(
    /^RunId: following_.*\nWeb View: http.*\n(?:.*\n)*Streaming azureml-logs\/80_driver_log.txt\n=+\n\nfirst line\nlast line\n\nExecution Summary\n=+\nRunId: /,
  );
  expect(JSON.parse(facts!)).toEqual({
    metrics: { rows: { x: [1, 3], y: [2, 4] }, list: [1, 2], text: "word", once: 1, curve: [1, 2, 3], late: 7 },
    one: { once: 1 },
    recursive: 2,
    tags: { quality: "good", "Competition Rank": "1", bare: null },
    author: "me",
    refused: expect.stringContaining("another value for author"),
    missing: ["FileNotInRun", expect.stringContaining('nearest is "outputs/model.txt"')],
    name: "named",
    files: expect.arrayContaining(["outputs/model.txt", "notes/a.txt"]),
    got: "weights",
    logs: true,
    listed: [true],
    none: [],
    bare: 1,
    kid: ["kid"],
    parent: true,
    classes: ["ScriptRun", expect.stringContaining("Run(Experiment: following,\nId: ID,\nType: azureml.scriptrun,\nStatus: Completed)")],
    zip: ["deep/er.bin", "talk.py"],
    detailed: "Completed",
    ended: true,
    all: 2,
  });
});

it("submits children of its own, registers models, reads secrets and names its environment, in a run and outside", async () => {
  desk.write("child.py", "from azureml.core import Run\nRun.get_context().log('depth', 2)\n");
  desk.write(
    "parent.py",
    `
import os
from azureml.core import Run, ScriptRunConfig
run = Run.get_context()
config = ScriptRunConfig(source_directory=".", script="child.py")
config.run_config.environment.python.user_managed_dependencies = True
child = run.submit_child(config, tags={"made": "inside"})
child.wait_for_completion()
run.log("of the child", child.get_metrics()["depth"])
run.log("secret", run.get_secret("password")); run.log("missing", str(run.get_secret("absent")))
print(run.experiment.workspace.name, child.parent.id == run.id)
`,
  );
  const said = await python(`
from azureml.core import ScriptRunConfig
ws.get_default_keyvault().set_secret("password", "open sesame")
exp = Experiment(ws, "families")
config = ScriptRunConfig(source_directory=".", script="parent.py")
config.run_config.environment.python.user_managed_dependencies = True
run = exp.submit(config, tags={"a": "b"})
run.wait_for_completion(show_output=True)
print("#####")
outside = run.submit_child(ScriptRunConfig(source_directory=".", script="child.py", run_config=config.run_config))
outside.wait_for_completion()
with exp.start_logging(snapshot_directory=None) as own:
    with open("outputs/model.txt", "w") as file: file.write("weights")
model = own.register_model(model_name="made-here", model_path="outputs/model.txt", tags={"k": "v"})
children = list(run.get_children())
print(json.dumps([run.get_metrics(), len(children), [child.get_metrics() for child in children], [child.tags for child in children],
                  run.get_environment().python.user_managed_dependencies, model.name, model.version, run.get_secret("password")]))
`);
  const [, facts] = said.split("#####\n");
  expect(JSON.parse(facts!)).toEqual([
    { "of the child": 2, secret: "open sesame", missing: "None" },
    2,
    [{ depth: 2 }, { depth: 2 }],
    [{}, { made: "inside" }],
    true,
    "made-here",
    1,
    "open sesame",
  ]);
});

it("ends runs from outside", async () => {
  desk.write("sleep.py", "import time\nprint('begun', flush=True)\ntime.sleep(120)\n");
  const said = await python(`
exp = Experiment(ws, "ending")
run = submit_script(exp, ".", dict(WIRE, script="sleep.py"))
run.fail("enough", "Mine")
print(run.get_status(), run.get_details()["error"])
run = submit_script(exp, ".", dict(WIRE, script="sleep.py"))
run.cancel()
print(run.wait_for_completion()["status"])
try:
    submit_script(exp, ".", dict(WIRE, script="absent.py"))
except Exception as error:
    print(type(error).__name__, error)
run = submit_script(exp, None, {"command": ["sh", "-c", "exit 3"], "environment": WIRE["environment"]})
try:
    run.wait_for_completion(show_output=True)
except Exception as error:
    print(type(error).__name__, error)
print(run.wait_for_completion(raise_on_error=False)["error"]["code"])
`);
  expect(said).toContain("Failed {'code': 'Mine', 'message': 'enough'}\nCanceled\n");
  expect(said).toMatch(/UserErrorException There is no script "absent.py" in .*\n/);
  expect(said).toMatch(/ActivityFailedException Run ending_\S+ failed: The script exited with code 3\.\nExitCode\n$/);
});

it("does what docs/guide/runs-from-python.md shows", async () => {
  desk.write(
    "train.py",
    "import os\nfrom azureml.core import Run\nRun.get_context().log('loss', 0.5)\nos.makedirs('outputs', exist_ok=True)\nopen('outputs/model.txt', 'w').write('w')\n",
  );
  const [block] = blocksOf("runs-from-python.md", "python");
  const said = await python(
    `${block!}\nprint(open("results/outputs/model.txt").read(), [kid.name for kid in own.get_children()], own.status)`,
  );
  expect(said).toContain("{'loss': 0.5}");
  expect(said).toMatch(/\{'best': None, 'try': 'first'\}\nw \['fold 1'\] Completed\n$/);
});
