// MLflow inside a submitted run: what it logs goes to the journal, by a plug-in that is found beside the client.
import { describe, expect, it } from "vitest";
import { serverAndDesk } from "../support/serverAndDesk.ts";
import { testPython } from "../support/testPython.ts";
import { type FinishedScript, runTrackedScript, textOfRunFile } from "../support/trackedScript.ts";

const { server, desk } = serverAndDesk();

function runScript(script: string, variables: Readonly<Record<string, string>> = {}): Promise<FinishedScript> {
  return runTrackedScript(server, desk, script, { python: testPython(), variables });
}

function textOf(runId: string, path: string): Promise<string> {
  return textOfRunFile(server, runId, path);
}

/** What MLflow's REST API says of a run. */
async function mlflowSays(
  runId: string,
): Promise<{ info: Record<string, unknown>; data: Record<string, { key: string; value: unknown }[]> }> {
  const response = await fetch(`${server.url}/api/2.0/mlflow/runs/get?run_id=${runId}`, {
    headers: { authorization: `Bearer ${server.token}` },
  });
  return ((await response.json()) as { run: never }).run;
}

const LOGGING = `
import math, mlflow, os
mlflow.set_experiment("somewhere else")
with open("note.txt", "w") as file:
    file.write("hello")
with mlflow.start_run(run_name="named here") as run:
    assert run.info.run_id == os.environ["AZUREML_RUN_ID"], run.info.run_id
    for step in range(3):
        mlflow.log_metric("loss", 1 / (step + 1), step=step)
    mlflow.log_metrics({"nan": math.nan, "up": math.inf, "down": -math.inf})
    mlflow.log_params({"lr": 0.01, "name": "é漢"})
    mlflow.set_tag("team", "vision")
    mlflow.log_artifact("note.txt", "notes")
    mlflow.log_dict({"a": 1}, "outputs/a.json")
    os.makedirs("folder/inner")
    for path in ("folder/one.txt", "folder/inner/two.txt"):
        open(path, "w").close()
    mlflow.log_artifacts("folder", "kept")
    seen = mlflow.get_run(run.info.run_id).data
    assert seen.params["lr"] == "0.01" and seen.metrics["loss"] == 1 / 3 and seen.tags["team"] == "vision", seen
    try:
        mlflow.log_param("lr", 0.02)
    except mlflow.MlflowException as error:
        print("refused:", error.error_code)
    assert [a.path for a in mlflow.MlflowClient().list_artifacts(run.info.run_id, "notes")] == ["notes/note.txt"]
    with mlflow.start_run(run_name="fold", nested=True) as child:
        mlflow.log_metric("score", 0.5)
        mlflow.log_param("fold", 1)
        mlflow.log_text("of the child", "child.txt")
`;

describe("mlflow in a run", () => {
  it("logs to the run's journal and files, and the run is whole in both worlds", async () => {
    const { run, log, files } = await runScript(LOGGING);
    expect(run).toMatchObject({
      displayName: "named here",
      experimentName: "tracked",
      params: { lr: "0.01", name: "é漢" },
      tags: { team: "vision" },
      metrics: { loss: 1 / 3, nan: "NaN", up: "Infinity", down: "-Infinity" },
    });
    expect(log).toContain("refused: INVALID_PARAMETER_VALUE");
    expect(log).toContain(`This run belongs to experiment 'tracked'; inside it, experiment 'somewhere else' means that one`);
    expect(files).toEqual(expect.arrayContaining(["notes/note.txt", "outputs/a.json", "kept/one.txt", "kept/inner/two.txt"]));
    const points = await server.client.readMetric({ params: { workspace: "default", runId: run.runId, name: "loss" }, query: {} });
    expect(points).toMatchObject({ steps: [0, 1, 2], values: [1, 1 / 2, 1 / 3] });

    const there = await mlflowSays(run.runId);
    expect(there.info).toMatchObject({ status: "FINISHED", run_name: "named here" });
    expect(there.data.metrics).toEqual(expect.arrayContaining([expect.objectContaining({ key: "nan", value: "NaN" })]));
    const [child] = (await server.client.listRuns({ params: { workspace: "default" }, query: { parent: run.runId } })).items;
    expect(child).toMatchObject({ displayName: "fold", status: "Completed", metrics: { score: 0.5 }, params: { fold: "1" } });
    expect(await textOf(child!.runId, "child.txt")).toBe("of the child");
  });

  it("answers at once what it was just told: datasets, models and their metrics", async () => {
    const script = `
import mlflow, numpy
from mlflow import MlflowClient
client = MlflowClient()
with mlflow.start_run() as run:
    mlflow.log_input(mlflow.data.from_numpy(numpy.zeros((3, 2)), name="train set"), context="training")
    mlflow.log_input(mlflow.data.from_numpy(numpy.ones((2, 2)), name="test set"), context="test")
    model = mlflow.initialize_logged_model(name="first")
    mlflow.log_metric("auc", 0.75, step=2, model_id=model.model_id)
    client.log_outputs(run.info.run_id, [mlflow.entities.LoggedModelOutput(model.model_id, 2)])
    for _ in range(2):  # from memory, and on top of what the server has by then
        seen = mlflow.get_run(run.info.run_id)
        print("datasets", sorted(one.dataset.name for one in seen.inputs.dataset_inputs))
        print("models", [(one.model_id == model.model_id, one.step) for one in seen.outputs.model_outputs])
        print("metrics", [(one.key, one.value, one.step) for one in mlflow.get_logged_model(model.model_id).metrics])
        print("found", [one.name for one in mlflow.search_logged_models(filter_string="metrics.auc > 0.5", output_format="list")])
    child = client.create_run(run.info.experiment_id, run_name="of the client")
    for path in ("../up.txt", "/up.txt"):
        try:
            mlflow.log_text("x", path)
        except mlflow.MlflowException:
            print("refused as everywhere in MLflow")
    print("parent", mlflow.get_parent_run(child.info.run_id).info.run_id == run.info.run_id)
`;
    const { log } = await runScript(script);
    const twice = (line: string) =>
      expect(
        log.split("\n").filter((each) => each === line),
        log,
      ).toHaveLength(2);
    twice("datasets ['test set', 'train set']");
    twice("models [(True, 2)]");
    twice("metrics [('auc', 0.75, 2)]");
    twice("found ['first']");
    twice("refused as everywhere in MLflow");
    expect(log).toContain("parent True");
  });

  it("is neither slowed nor failed by a server that is away", async () => {
    const script = `
import os, time
os.environ["AZUREML_SERVICE_ENDPOINT"] = "http://127.0.0.1:9"
os.environ["MLFLOW_TRACKING_URI"] = "switchyard://127.0.0.1:9/default"
import mlflow
began = time.monotonic()
with mlflow.start_run():
    for step in range(1000):
        mlflow.log_metric("loss", step, step=step)
    mlflow.log_param("lr", 1)
    mlflow.log_text("kept", "kept.txt")
    assert mlflow.active_run().info.run_id == os.environ["AZUREML_RUN_ID"]
    assert mlflow.get_run(mlflow.active_run().info.run_id).data.metrics["loss"] == 999
print("seconds", time.monotonic() - began)
`;
    const { run, log, files } = await runScript(script);
    expect(run).toMatchObject({ params: { lr: "1" }, metrics: { loss: 999 } });
    expect(files).toContain("kept.txt");
    expect(Number(/^seconds (.*)$/m.exec(log)?.[1])).toBeLessThan(100); // most of it MLflow's own; without the plug-in it tries for minutes
  });

  it("speaks HTTP itself when it is asked to, with a token that may touch this run only", async () => {
    const body = { experimentName: "tracked", snapshotId: null };
    const { runId: other } = await server.client.startInteractiveRun({ params: { workspace: "default" }, body });
    const script = `
import mlflow, os
assert mlflow.get_tracking_uri().startswith("http://"), mlflow.get_tracking_uri()
with mlflow.start_run():
    mlflow.log_metric("loss", 0.5)
    mlflow.log_param("lr", 1)
    mlflow.log_text("sent", "sent.txt")
for forbidden in (lambda: mlflow.create_experiment("other"), lambda: mlflow.MlflowClient().set_tag("${other}", "mine", "now")):
    try:
        forbidden()
    except mlflow.MlflowException as error:
        print("refused:", error.error_code)
`;
    const { run, files, log } = await runScript(script, { SWITCHYARD_MLFLOW: "http" });
    expect(log.match(/refused: PERMISSION_DENIED/g)).toHaveLength(2);
    expect(run).toMatchObject({ params: { lr: "1" }, metrics: { loss: 0.5 } });
    expect(files).toContain("sent.txt");
  });
});

describe("autologging in a run", () => {
  it("keeps what scikit-learn's says: params, metrics, the dataset and the model with its files", async () => {
    const script = `
import mlflow
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression
mlflow.sklearn.autolog()
x, y = load_iris(return_X_y=True, as_frame=True)
model = LogisticRegression(max_iter=200).fit(x, y)
run = mlflow.last_active_run()
print("said", run.info.run_id, sorted(run.data.metrics)[:2])
`;
    const { run, files } = await runScript(script);
    expect(run.params).toMatchObject({ max_iter: "200" });
    expect(run.metrics).toHaveProperty("training_accuracy_score");
    expect(
      files.some((path) => /^models\/m-[0-9a-f]{32}\/MLmodel$/.test(path)),
      files.join(" "),
    ).toBe(true);
    const there = (await mlflowSays(run.runId)) as unknown as {
      inputs: { dataset_inputs: object[] };
      outputs: { model_outputs: object[] };
    };
    expect(there.inputs.dataset_inputs).toHaveLength(1);
    expect(there.outputs.model_outputs).toHaveLength(1);
  });

  it("keeps what LightGBM's says", async () => {
    const script = `
import mlflow, numpy as np
import lightgbm as lgb
mlflow.lightgbm.autolog()
rng = np.random.default_rng(0)
x = rng.normal(size=(200, 4)); y = (x[:, 0] > 0).astype(int)
train = lgb.Dataset(x, label=y)
lgb.train({"objective": "binary", "verbosity": -1, "num_threads": 1}, train, num_boost_round=5, valid_sets=[train], valid_names=["train"])
`;
    const { run, files } = await runScript(script);
    expect(run.params).toMatchObject({ objective: "binary", num_boost_round: "5" });
    const curve = await server.client.readMetric({
      params: { workspace: "default", runId: run.runId, name: "train-binary_logloss" },
      query: {},
    });
    expect(curve.values, JSON.stringify(curve)).toHaveLength(5);
    expect(
      files.some((path) => path.endsWith("/MLmodel")),
      files.join(" "),
    ).toBe(true);
  });
});
