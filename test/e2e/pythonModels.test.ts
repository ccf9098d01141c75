// Models and secrets as Python scripts use them, outside of runs and inside, against a live server.
import { expect, it } from "vitest";
import { lastJson, pythonIn } from "../support/python.ts";
import { serverAndDesk } from "../support/serverAndDesk.ts";

const { server, desk } = serverAndDesk();

const PREAMBLE = `
import json, os, sys
from azureml.core import Experiment, Model, Run, Workspace
from azureml.core.resource_configuration import ResourceConfiguration
from azureml.exceptions import ModelPathNotFoundException, WebserviceException
from switchyard_client.submitting import submit_script
ws = Workspace.get("default")
WIRE = {"script": "train.py", "environment": {"python": {"userManagedDependencies": True, "interpreterPath": "python3"}}}
def tell(*things): print(json.dumps(things))
`;
const run = pythonIn({ home: server.home, cwd: desk.project, preamble: PREAMBLE });
const python = async <T>(code: string) => lastJson<T>(await run(code));

it("registers files and folders, finds them, changes them, brings them back and deletes them", async () => {
  desk.write("model.pkl", "weights");
  desk.write("net/config.json", "{}");
  desk.write("net/layers/big.bin", "0123456789".repeat(200_000));
  const said = await python(`
one = Model.register(workspace=ws, model_path="model.pkl", model_name="digits", tags={"area": "vision", "n": 1}, description="reads digits",
                     model_framework=Model.Framework.SCIKITLEARN, model_framework_version="1.9", properties={"p": "1"},
                     resource_configuration=ResourceConfiguration(cpu=1, memory_in_gb=0.5), datasets=[("training", "data-1")])
two = Model.register(ws, "./net/", "digits")
again = Model.register(ws, "net", "digits", child_paths=["config.json"])
one.add_tags({"more": "yes"}); one.remove_tags(["n"]); one.add_properties({"q": "2"})
try: one.add_properties({"p": "other"})
except WebserviceException as error: refused = error.message
got = two.download(target_dir="back")
again.delete()
tell([one.id, two.id, again.id], Model(ws, id="digits:1").serialize(), refused, got, os.path.getsize("back/net/layers/big.bin"),
     [model.id for model in Model.list(ws, name="digits")], [model.id for model in Model.list(ws, tags=[["area", "vision"]])],
     sorted(ws.models), ws.models["digits"].version, Model.get_model_path("digits", _workspace=ws), Model.get_model_path("digits", 1, ws))
`);
  const facts = { framework: "ScikitLearn", frameworkVersion: "1.9", description: "reads digits", properties: { p: "1", q: "2" } };
  expect(said).toEqual([
    ["digits:1", "digits:2", "digits:3"],
    expect.objectContaining({ ...facts, tags: { area: "vision", more: "yes" }, datasets: [{ purpose: "training", datasetId: "data-1" }] }),
    expect.stringContaining('"p" with another value'),
    "back/net",
    2_000_000,
    ["digits:2", "digits:1"],
    ["digits:1"],
    ["digits"],
    2,
    "azureml-models/digits/2/net",
    "azureml-models/digits/1/model.pkl",
  ]);
});

it("registers what a run left: after its end without a copy, inside the script what lies there", async () => {
  desk.write(
    "train.py",
    `
import json, os
from azureml.core import Model, Run
run = Run.get_context()
os.makedirs("outputs/net", exist_ok=True)
for name in ("outputs/model.pkl", "outputs/net/a"):
    with open(name, "w") as file: file.write("made by the run")
run.upload_file("kept/by/name.pkl", "outputs/model.pkl")
mine = run.register_model("inside", "outputs/model.pkl", tags={"from": "script"})
named = run.register_model(model_name="inside", model_path="kept/by/name.pkl")
path = Model.get_model_path("digits", version=1)
with open(path) as file: content = file.read()
run.add_properties({"said": json.dumps([mine.id, mine.run_id == run.id, named.version, path, content])})
`,
  );
  const said = await python<unknown[]>(`
run = submit_script(Experiment(ws, "modelling"), ".", WIRE)
details = run.wait_for_completion(raise_on_error=False)
if details["status"] != "Completed": print(run.get_details()); sys.exit("the run failed")
after = run.register_model(model_name="after", model_path="outputs/net", description="of a run", tags={"a": "1"})
whole = run.register_model("outputs")
try: run.register_model("after", "outputs/none")
except ModelPathNotFoundException as error: missing = error.message
tell(json.loads(run.properties["said"]), after.id, after.run_id == run.id, after.experiment_name, after.download("back2"), missing,
     sorted(os.listdir(whole.download("back3"))), after.run.id == run.id, Model(ws, "inside", run_id=run.id, version=1).tags,
     [model.id for model in Model.list(ws, run_id=run.id)])
`);
  expect(said).toEqual([
    ["inside:1", true, 2, "azureml-models/digits/1/model.pkl", "weights"],
    "after:1",
    true,
    "modelling",
    "back2/net",
    expect.stringContaining('no file or folder "outputs/none"'),
    ["model.pkl", "net"],
    true,
    { from: "script" },
    ["outputs:1", "after:1", "inside:2", "inside:1"],
  ]);
});

it("registers what an interactive run was just given, and names the data sets that a model was made with", async () => {
  desk.write("data/a.csv", "x\n1\n");
  desk.write("score.pkl", "interactive");
  const said = await python(`
from azureml.core import Dataset
store = ws.get_default_datastore()
store.upload_files(["data/a.csv"], target_path="train")
data = Dataset.File.from_files((store, "train"))
run = Experiment(ws, "notebook").start_logging()
run.log("accuracy", 0.5)
run.upload_file(name="outputs/score.pkl", path_or_stream="score.pkl")
model = run.register_model(model_name="interactive", model_path="outputs/score.pkl", datasets=[("training", data)], sample_input_dataset=data)
run.complete()
again = Model(ws, "interactive")
tell(model.id, model.run_id == run.id, again.datasets["training"][0].id == data.id, again.sample_input_dataset.id == data.id,
     again.sample_output_dataset, open(again.download("back4")).read(), [found.id for found in Model.list(ws, dataset_id=data.id)], again.run.get_status())
`);
  expect(said).toEqual(["interactive:1", true, true, true, null, "interactive", ["interactive:1"], "Completed"]);
});

it("keeps secrets, which a run reads by name", async () => {
  desk.write(
    "train.py",
    `
from azureml.core import Keyvault, Run
from azureml.exceptions import ServiceException
run = Run.get_context()
vault = Keyvault(run.experiment.workspace)
found = run.get_secrets(["api-key", "none"])
found["api-key"] = run.get_secret(name="api-key")
try: vault.set_secret("api-key", "stolen"); refused = "no"
except ServiceException as error: refused = error.code
run.add_properties({"length": str(len(found["api-key"])), "none": str(found["none"]), "refused": refused})
`,
  );
  const said = await python(`
vault = ws.get_default_keyvault()
vault.set_secret(name="api-key", value="hush-3991")
vault.set_secrets({"other": "x", "third": "y"})
vault.delete_secrets(["third"])
run = submit_script(Experiment(ws, "secrets"), ".", WIRE)
details = run.wait_for_completion()
log = "".join(open(os.path.join("logs", name)).read() for name in (run.download_files("azureml-logs", "logs") or os.listdir("logs/azureml-logs")) for name in ["azureml-logs/" + name])
tell(vault.get_secret("API-KEY"), vault.get_secret("third"), vault.list_secrets(), run.properties["length"], run.properties["none"],
     run.properties["refused"], "hush-3991" in json.dumps(details) + log)
`);
  expect(said).toEqual(["hush-3991", null, [{ name: "api-key" }, { name: "other" }], "9", "None", "forbidden", false]);
});
