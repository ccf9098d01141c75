// The Python client's run configurations and environments against a real server: what they send is what the command line
// would send, every shape of it is taken and runs, and what cannot be is refused before anything starts.
import { readFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { defaultRunConfiguration, normaliseRunConfiguration, parseRunConfiguration, toWire, toYaml } from "@switchyard/protocol";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { Desk } from "../support/desk.ts";
import { LiveServer } from "../support/liveServer.ts";
import { pythonIn } from "../support/python.ts";

vi.setConfig({ testTimeout: 600_000, hookTimeout: 300_000 });
const server = new LiveServer();
const desk = new Desk();
beforeAll(async () => {
  await server.start();
  desk.write("train.py", TRAIN);
});
afterAll(async () => {
  await server.close();
  await desk.close();
});

const GOLDEN = resolve(import.meta.dirname, "../../packages/protocol/golden/runconfig");
const TRAIN = `
import os, sys
from azureml.core import Run
run = Run.get_context()
run.log_list("arguments", sys.argv[1:])
run.log("message", os.environ.get("MESSAGE", "none"))
run.log("rank", os.environ.get("RANK", os.environ.get("OMPI_COMM_WORLD_RANK", "none")))
run.log("tensorflow", os.environ.get("TF_CONFIG", "none"))
`;
const PREAMBLE = `
import json, os, sys, warnings
from azureml.core import *
from azureml.core import Environment, RunConfiguration, ScriptRunConfig
from azureml.core.compute import AmlCompute
from azureml.core.runconfig import *
from azureml.exceptions import *
`;

const run = pythonIn({ home: server.home, cwd: desk.project, preamble: PREAMBLE });
const python = async (code: string) => (await run(code, { seconds: 500 })).stdout;

describe("a file that Python loads", () => {
  it("says what it says to the command line, with every default", async () => {
    for (const folder of [".azureml", "aml_config"]) desk.write(`${folder}/conda_dependencies.yml`, "dependencies:\n- python\n");
    const names = ["annotated", "older", "python-spelling", "json-cluster"];
    const texts = Object.fromEntries(names.map((name) => [name, readFileSync(join(GOLDEN, `${name}.runconfig`), "utf8")]));
    for (const name of ["local", "docker"] as const) texts[name] = toYaml(defaultRunConfiguration(name));
    for (const [name, text] of Object.entries(texts)) desk.write(`.azureml/${name}.runconfig`, text);
    const said = await python(`
warnings.simplefilter("ignore")
for name in ${JSON.stringify(Object.keys(texts))}: print(json.dumps(RunConfiguration.load(".", name)._to_wire()))
for name in ${JSON.stringify(Object.keys(texts))}: print(json.dumps(RunConfiguration.load(RunConfiguration.load(".", name).save(".", name + "-again"))._to_wire()))
`);
    const lines = said.trim().split("\n");
    expect(lines).toHaveLength(2 * Object.keys(texts).length);
    for (const [index, [name, text]] of [...Object.entries(texts), ...Object.entries(texts)].entries()) {
      const sent = normaliseRunConfiguration(JSON.parse(lines[index]!));
      const { configuration } = parseRunConfiguration(text, { file: basename(name) });
      const { environment, ...expected } = toWire(configuration!) as Record<string, Record<string, unknown>>;
      const { environment: given, ...rest } = toWire(sent) as Record<string, Record<string, Record<string, unknown>>>;
      expect(rest, name).toEqual(expected);
      const conda = given!.python!.condaDependencies ?? null;
      // its content came along; saved again, it may lie elsewhere
      const withoutConda = { condaDependencies: null, condaDependenciesFile: null };
      expect({ ...given, python: { ...given!.python, ...withoutConda } }, name).toEqual({
        ...environment,
        python: { ...(environment!.python as object), ...withoutConda },
      });
      if (environment!.name === null && !given!.python!.userManagedDependencies) expect(conda, name).toEqual({ dependencies: ["python"] });
    }
  });
});

describe("what Python submits", () => {
  it("runs, whatever its shape", async () => {
    const said = await python(`
ws = Workspace.get("default")
own = RunConfiguration()
own.environment.python.user_managed_dependencies = True
own.environment.python.interpreter_path = "python3"
mine = Environment("mine", environment_variables={"MESSAGE": "hello"})
mine.python.user_managed_dependencies = True
mine.python.interpreter_path = "python3"
mine.register(ws)
saved = ScriptRunConfig(".", "train.py", run_config=own).run_config
saved.script, saved.arguments = "train.py", ["1e-3", 0.5]
saved.save(".", "saved")
reference = RunConfiguration("train.py")
reference.environment = EnvironmentReference("mine")
shapes = {
    "bare": ScriptRunConfig(source_directory=".", script="train.py", arguments=["--rate", 0.1, "--flag"], run_config=own),
    "environment": ScriptRunConfig(".", "train.py", compute_target="local", environment=mine),
    "command": ScriptRunConfig(".", command=["python3", "train.py", "a b"], environment=mine),
    "split": ScriptRunConfig(".", command="export MESSAGE=split && python3 train.py $MESSAGE".split(), environment=mine),
    "text": ScriptRunConfig(".", command="MESSAGE=typed python3 train.py $MESSAGE", environment=mine),
    "loaded": ScriptRunConfig(".", run_config=RunConfiguration.load(".", "saved")),
    "reference": ScriptRunConfig(".", run_config=reference),
    "fetched": ScriptRunConfig(".", "train.py", environment=Environment.get(ws, "mine")),
    "managed": ScriptRunConfig(".", "train.py"),
}
experiment = Experiment(ws, "shapes")
runs = {name: experiment.submit(shape) for name, shape in shapes.items()}
for name, run in runs.items():
    details = run.wait_for_completion()
    metrics = run.get_metrics()
    print(json.dumps([name, details["status"], metrics.get("arguments"), metrics.get("message")]))
print(json.dumps(Environment.get(ws, "mine").version))
`);
    const lines = said
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as unknown);
    expect(lines).toEqual([
      ["bare", "Completed", ["--rate", "0.1", "--flag"], "none"],
      ["environment", "Completed", [], "hello"],
      ["command", "Completed", ["a b"], "hello"],
      ["split", "Completed", ["split"], "split"],
      ["text", "Completed", expect.anything(), "typed"],
      ["loaded", "Completed", ["1e-3", "0.5"], "none"],
      ["reference", "Completed", [], "hello"],
      ["fetched", "Completed", [], "hello"],
      ["managed", "Completed", [], "none"],
      "1",
    ]);
  });

  it("is shared out over a cluster by each distributed configuration", async () => {
    const said = await python(`
ws = Workspace.get("default")
cluster = ComputeTarget.create(ws, "many", AmlCompute.provisioning_configuration(vm_size="STANDARD_D1_V2", max_nodes=2))
cluster.wait_for_completion()
mine = Environment("here")
mine.python.user_managed_dependencies = True
mine.python.interpreter_path = "python3"
experiment = Experiment(ws, "distributed")
for config in (PyTorchConfiguration(node_count=2), TensorflowConfiguration(worker_count=2), MpiConfiguration(node_count=2)):
    source = ScriptRunConfig(".", "train.py", compute_target=cluster, environment=mine, distributed_job_config=config)
    run = experiment.submit(source)
    details = run.wait_for_completion()
    metrics = run.get_metrics()
    ranks, roles = metrics.get("rank"), metrics.get("tensorflow")
    print(json.dumps([type(config).__name__, details["status"], sorted(ranks), sorted({json.loads(each)["task"]["type"] for each in roles if each != "none"})]))
`);
    const lines = said
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as unknown);
    expect(lines).toEqual([
      ["PyTorchConfiguration", "Completed", ["0", "1"], []],
      ["TensorflowConfiguration", "Completed", expect.arrayContaining(["none"]), expect.arrayContaining(["worker"])],
      ["MpiConfiguration", "Completed", ["0", "1"], []],
    ]);
  });

  it("is refused before anything starts, with the name of what is wrong", async () => {
    const said = await python(`
ws = Workspace.get("default")
experiment = Experiment(ws, "refused")
def attempt(act):
    try: print("taken", act())
    except (UserErrorException, ServiceException, ComputeTargetException) as error: print(error.message.replace("\\n", " "))
own = RunConfiguration()
own.framework = "Pyton"
attempt(lambda: experiment.submit(ScriptRunConfig(".", "train.py", run_config=own)))
attempt(lambda: experiment.submit(ScriptRunConfig(".", "train.py", environment=EnvironmentReference("absent"))))
attempt(lambda: experiment.submit(ScriptRunConfig(".", "train.py", compute_target="nowhere")))
attempt(lambda: experiment.submit(ScriptRunConfig(".", "absent.py")))
both = Environment("both")
both.docker.base_image, both.docker.base_dockerfile = "debian", "FROM debian"
attempt(lambda: experiment.submit(ScriptRunConfig(".", "train.py", environment=both)))
attempt(lambda: experiment.submit(ScriptRunConfig(".", "train.py", distributed_job_config=MpiConfiguration(node_count=2))))
print(len(list(experiment.get_runs())))
`);
    expect(said.trim().split("\n")).toEqual([
      expect.stringMatching(/framework: .*Python/),
      expect.stringMatching(/no environment "absent"/),
      expect.stringMatching(/nowhere/),
      expect.stringMatching(/no script "absent.py"/),
      expect.stringMatching(/exclude each other/),
      expect.stringMatching(/managed cluster/),
      "0",
    ]);
  });
});

describe("an environment of the workspace", () => {
  it("is registered, found by version, listed, changed and cloned", async () => {
    const said = await python(`
ws = Workspace.get("default")
environment = Environment("versions", environment_variables={"A": "1"})
environment.python.conda_dependencies.add_pip_package("pillow==5.4.1")
first = environment.register(workspace=ws)
again = environment.register(workspace=ws)
environment.environment_variables["A"] = "2"
second = environment.register(ws)
print(first.version, again.version, second.version)
used = Environment("used")
used.python.user_managed_dependencies, used.python.interpreter_path = True, "python3"
run = Experiment(ws, "used").submit(ScriptRunConfig(".", "train.py", environment=used))
run.wait_for_completion()
print(run.get_environment().version, used.register(ws).version)
print(Environment.get(workspace=ws, name="versions", version="1").environment_variables, Environment.get(ws, "versions", label="Latest").version)
print(Environment.list(workspace=ws)["versions"].python.conda_dependencies.pip_packages)
print(first.get_image_details(ws)["dockerImage"]["name"].startswith("azureml/azureml_"))
print(Environment.get(ws, "versions").clone("cloned").register(ws).version)
def attempt(act):
    try: print("taken", act())
    except (UserErrorException, ServiceException) as error: print(error.message)
attempt(lambda: Environment.get(ws, "verzions"))
attempt(lambda: Environment.get(ws, "versions", 9))
attempt(lambda: Environment("AzureML-Mine").register(ws))
attempt(lambda: Environment("a/b").register(ws))
`);
    expect(said.trim().split("\n")).toEqual([
      "1 1 2",
      "1 1",
      "{'A': '1'} 2",
      "['azureml-defaults', 'pillow==5.4.1']",
      "True",
      "1",
      expect.stringMatching(/There is no environment "verzions".*Did you mean "versions"\?/),
      expect.stringMatching(/no version "9"; it has 2, 1/),
      expect.stringMatching(/reserved/),
      expect.stringMatching(/"a\/b" may have letters/),
    ]);
  });

  it("may be a curated one, which is used and cloned but not changed", async () => {
    const said = await python(`
ws = Workspace.get("default")
curated = Environment.get(workspace=ws, name="AzureML-Minimal")
for name, environment in Environment.list(workspace=ws).items():
    if name.startswith("AzureML"): environment.python.conda_dependencies.serialize_to_string()
print(curated.name in Environment.list(ws), curated.name in ws.environments)
run = Experiment(ws, "curated").submit(ScriptRunConfig(".", "train.py", environment=curated))
print(run.wait_for_completion()["status"], run.get_environment().name)
try: curated.register(ws)
except UserErrorException as error: print(error.message)
mine = curated.clone("from-curated")
mine.environment_variables["MESSAGE"] = "mine"
print(mine.register(ws).version)
curated.environment_variables["MESSAGE"] = "changed"
run = Experiment(ws, "curated").submit(ScriptRunConfig(".", "train.py", environment=curated))
print(run.wait_for_completion()["status"], run.get_metrics()["message"], run.get_environment().name)
curated.python.conda_dependencies.add_pip_package("six")
run = Experiment(ws, "curated").submit(ScriptRunConfig(".", "train.py", environment=curated))
print(run.wait_for_completion()["status"], run.get_environment().name)
`);
    expect(said.trim().split("\n")).toEqual([
      "True True",
      "Completed AzureML-Minimal",
      expect.stringMatching(/curated environment.*clone/),
      "1",
      "Completed changed AzureML-Minimal",
      expect.stringMatching(/^Completed (?!AzureML)/),
    ]);
  });

  it("is built before a run needs it, and a build that fails says why", async () => {
    const said = await python(`
ws = Workspace.get("default")
environment = Environment("built")
build = environment.build(ws)
build.wait_for_completion(show_output=True)
print(build.status, build.environment.version)
environment.python.conda_dependencies.add_conda_package("no-such-package-switchyard=0.0.1")
try: environment.build(ws).wait_for_completion(show_output=False)
except AzureMLException as error: print("failed:", type(error).__name__)
`);
    expect(said).toMatch(/Environment name: built, version: 1\n/);
    expect(said).toMatch(/\nSucceeded 1\nfailed: \w+\n$/);
  });
});
