// MLflow's own client and the v1 client on one registry: what one registers, the other finds, loads and changes.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { lastJson, pythonIn } from "../support/python.ts";
import { serverAndDesk } from "../support/serverAndDesk.ts";
import { testPython } from "../support/testPython.ts";

const { server, desk } = serverAndDesk();

/** Runs a program in which MLflow talks to the server of these tests; the last line that it prints is JSON. */
async function python<T>(code: string): Promise<T> {
  const variables = {
    MLFLOW_TRACKING_URI: server.url,
    MLFLOW_TRACKING_TOKEN: readFileSync(join(server.home, "token"), "utf8").trim(),
    GIT_PYTHON_REFRESH: "quiet",
    PYTHONWARNINGS: "ignore",
  };
  return lastJson<T>(await run(code, { program: testPython(), variables, seconds: 400 }));
}

const PREAMBLE = `
import json, os, sys
import mlflow
from mlflow import MlflowClient
from azureml.core import Model, Workspace
from sklearn.linear_model import LogisticRegression
client = MlflowClient()
ws = Workspace.get("default")
fitted = LogisticRegression().fit([[0.0], [1.0]], [0, 1])
def tell(*things): print(json.dumps(things))
`;
const run = pythonIn({ home: server.home, cwd: desk.project, preamble: PREAMBLE });

it("what MLflow registers the v1 client finds, fetches and tags; what the v1 client registers MLflow loads", async () => {
  // one process: importing MLflow takes most of the time
  const [byMlflow, byUs, all] = await python<unknown[]>(`
mlflow.set_experiment("both")
with mlflow.start_run() as run:
    mlflow.sklearn.log_model(fitted, name="model", registered_model_name="regression", pip_requirements=["scikit-learn"])
client.set_registered_model_alias("regression", "champion", "1")
client.set_registered_model_tag("regression", "team", "a")
found = Model(ws, "regression")
found.add_tags({"seen": "by v1"})
folder = found.download("back")
version = client.get_model_version_by_alias("regression", "champion")
loaded = mlflow.sklearn.load_model("models:/regression@champion")
by_mlflow = [found.id, found.run_id == run.info.run_id, os.path.isfile(os.path.join(folder, "MLmodel")), version.tags, list(version.aliases),
     loaded.predict([[0.0], [1.0]]).tolist(), [model.id for model in Model.list(ws, run_id=run.info.run_id)],
     client.get_registered_model("regression").tags]

model = Model.register(ws, "back/model", "from v1", tags={"a": "1"}, description="saved by hand")
loaded = mlflow.sklearn.load_model("models:/from v1/1")
version = client.get_model_version("from v1", "1")
client.transition_model_version_stage("from v1", "1", "Production")
client.set_model_version_tag("from v1", "1", "b", "2")
client.copy_model_version("models:/from v1/1", "copied")
by_us = [len(loaded.predict([[0.0]])), version.description, version.source, Model(ws, "from v1").tags, Model(ws, "copied").download("copy")]
tell(by_mlflow, by_us, [[found.name for found in client.search_registered_models("name LIKE '%v1'")], sorted(ws.models)])
`);
  expect(byMlflow).toEqual(["regression:1", true, true, { seen: "by v1" }, ["champion"], [0, 1], ["regression:1"], { team: "a" }]);
  const source = "mlflow-artifacts:/registered-models/from v1/1";
  expect(byUs).toEqual([1, "saved by hand", source, { a: "1", b: "2" }, "copy/model"]);
  expect(all).toEqual([["from v1"], ["copied", "from v1", "regression"]]);
});

it("a script in a run logs and registers a model with MLflow; its files are there when the run has ended", async () => {
  desk.write(
    "train.py",
    `
import mlflow
from sklearn.linear_model import LogisticRegression
fitted = LogisticRegression().fit([[0.0], [1.0]], [0, 1])
with mlflow.start_run():
    info = mlflow.sklearn.log_model(fitted, name="model", registered_model_name="in-run", pip_requirements=["scikit-learn"])
`,
  );
  const said = await python<unknown[]>(`
from azureml.core import Experiment
from switchyard_client.submitting import submit_script
wire = {"script": "train.py", "environment": {"python": {"userManagedDependencies": True, "interpreterPath": sys.executable}}}
run = submit_script(Experiment(ws, "registering"), ".", wire)
details = run.wait_for_completion(raise_on_error=False)
if details["status"] != "Completed": print(run.get_details_with_logs()); sys.exit("the run failed")
model = Model(ws, "in-run")
folder = model.download("back5")
loaded = mlflow.sklearn.load_model("models:/in-run/1")
tell(model.id, model.run_id == run.id, sorted(set(os.listdir(folder)) & {"MLmodel", "model.pkl", "model.skops"})[0], loaded.predict([[0.0]]).tolist())
`);
  expect(said).toEqual(["in-run:1", true, "MLmodel", [0]]);
});
