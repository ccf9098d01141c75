// Estimators against a real server: they train, alone and on several nodes, with the packages that they bring.
import { expect, it, vi } from "vitest";
import { jsonLines, pythonIn } from "../support/python.ts";
import { serverAndDesk } from "../support/serverAndDesk.ts";

vi.setConfig({ testTimeout: 600_000, hookTimeout: 300_000 });
const { server, desk } = serverAndDesk();

const PREAMBLE = `
import json, os, sys
from azureml.core import *
from azureml.core.compute import AmlCompute
from azureml.train.dnn import *
from azureml.train.estimator import *
from azureml.train.sklearn import SKLearn
ws = Workspace.get("default")
`;

const run = pythonIn({ home: server.home, cwd: desk.project, preamble: PREAMBLE });
const python = async (code: string) => jsonLines(await run(code, { seconds: 500 }));

it("trains a script with its options, on this machine and on the nodes of a cluster", async () => {
  desk.write(
    "train.py",
    `import os, sys
from azureml.core import Run
run = Run.get_context()
run.log_list("options", sys.argv[1:])
run.log("variable", os.environ.get("VARIABLE", ""))
run.log("place", "%s of %s" % (os.environ.get("RANK", os.environ.get("OMPI_COMM_WORLD_RANK", "")), os.environ.get("WORLD_SIZE", os.environ.get("OMPI_COMM_WORLD_SIZE", ""))))
`,
  );
  const said = await python(`
common = dict(source_directory=".", entry_script="train.py", use_docker=False, user_managed=True, environment_variables={"VARIABLE": "v"})
cluster = ComputeTarget.create(ws, "several", AmlCompute.provisioning_configuration(vm_size="STANDARD_D1_V2", max_nodes=2))
cluster.wait_for_completion()
experiment = Experiment(ws, "estimators")
alone = Estimator(compute_target="local", script_params={"--rate": 0.5, "--flag": "", "--n": 3}, **common)
runs = [
    experiment.submit(alone),
    experiment.submit(alone, script_params={"--other": "x"}),
    alone.fit(ws, "estimators"),
    experiment.submit(Estimator(compute_target=cluster, node_count=2, distributed_training=Mpi(), **common)),
    experiment.submit(PyTorch(compute_target=cluster, node_count=2, distributed_training=Gloo(), **common)),
]
for run in runs:
    status = run.wait_for_completion()["status"]
    metrics = run.get_metrics()
    place = metrics["place"]
    print(json.dumps([type(run).__name__, status, metrics["variable"] if isinstance(metrics["variable"], str) else metrics["variable"][0], sorted(place) if isinstance(place, list) else place, metrics["options"]]))
`);
  expect(said).toEqual([
    ["ScriptRun", "Completed", "v", " of ", ["--rate", "0.5", "--flag", "--n", "3"]],
    ["ScriptRun", "Completed", "v", " of ", ["--other", "x"]],
    ["ScriptRun", "Completed", "v", " of ", ["--rate", "0.5", "--flag", "--n", "3"]],
    ["ScriptRun", "Completed", "v", ["0 of 2", "1 of 2"], []],
    ["ScriptRun", "Completed", "v", ["0 of 2", "1 of 2"], []],
  ]);
});

it("brings scikit-learn along, which the machine's own Python need not have", async () => {
  desk.write(
    "fit.py",
    `import sys
import sklearn
from sklearn.linear_model import Ridge
from azureml.core import Run
model = Ridge(float(sys.argv[2])).fit([[0.0], [1.0], [2.0]], [0.0, 1.0, 2.0])
Run.get_context().log("predicted", round(model.predict([[1.0]])[0], 6))
Run.get_context().log("where", sklearn.__file__)
`,
  );
  const said = await python(`
estimator = SKLearn(source_directory=".", entry_script="fit.py", script_params={"--alpha": 0.1}, use_docker=False)
run = Experiment(ws, "sklearn").submit(estimator)
status = run.wait_for_completion()["status"]
print(json.dumps([status, run.get_metrics()]))
`);
  expect(said).toEqual([["Completed", { predicted: 1, where: expect.stringContaining("/environments/azureml_") }]]);
});

it("gives the script its data, among the options, as inputs and by the run configuration", async () => {
  desk.write("data/one.txt", "one\n");
  desk.write(
    "read.py",
    `import os, sys
from azureml.core import Run
run = Run.get_context()
run.log_list("found", sorted(os.listdir(sys.argv[2])))
run.log_list("variables", sorted(name for name in os.environ if name.startswith("AZUREML_DATAREFERENCE_")))
`,
  );
  const said = await python(`
from azureml.core.runconfig import DataReferenceConfiguration
store = ws.get_default_datastore()
store.upload("data", target_path="in", overwrite=True, show_progress=False)
reference = store.path("in").as_download()
common = dict(source_directory=".", entry_script="read.py", use_docker=False, user_managed=True, compute_target="local")
own = RunConfiguration()
own.environment.python.user_managed_dependencies = True
own.data_references = {reference.data_reference_name: reference.to_config()}
named = "$AZUREML_DATAREFERENCE_" + reference.data_reference_name
experiment = Experiment(ws, "data")
for config in (
    Estimator(script_params={"--data": reference}, **common),
    Estimator(script_params={"--data": named}, inputs=[reference], **common),
    ScriptRunConfig(".", "read.py", ["--data", reference], run_config=own),
    ScriptRunConfig(".", "read.py", ["--data", named], run_config=own),
):
    run = experiment.submit(config)
    print(json.dumps([run.wait_for_completion()["status"], run.get_metrics()["found"], run.get_metrics()["variables"] == [named[1:]]]))
`);
  expect(said).toEqual(Array(4).fill(["Completed", ["one.txt"], true]));
});
