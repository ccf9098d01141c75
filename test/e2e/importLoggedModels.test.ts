// Logged models of a real MLflow 3 server, with registered versions made of them, and what is deleted there: brought whole, once, and loadable.
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { Desk } from "../support/desk.ts";
import { MlflowQuestions } from "../support/mlflowQuestions.ts";
import { MlflowServer } from "../support/mlflowServer.ts";

/** What MLflow's client is asked. */
const QUESTIONS = `
import json, math, os, sys, tempfile, warnings
warnings.simplefilter("ignore")
import mlflow, numpy
from mlflow import MlflowClient
from mlflow.entities import Dataset, DatasetInput, InputTag, LoggedModelInput, LoggedModelOutput, Metric
from sklearn.linear_model import LinearRegression

X = numpy.array([[0.0], [1.0], [2.0]])

def files(count, size):
    folder = tempfile.mkdtemp()
    for n in range(count):
        os.makedirs(os.path.join(folder, "d%d" % (n % 3)), exist_ok=True)
        open(os.path.join(folder, "d%d" % (n % 3), "part %d.bin" % n), "wb").write(bytes([n % 256]) * (size + n))
    return folder

def fill(uri):
    mlflow.set_tracking_uri(uri)
    client = MlflowClient(uri)
    mlflow.set_experiment("fits")
    with mlflow.start_run(run_name="train") as train:
        mlflow.log_input(mlflow.data.from_numpy(X, targets=X[:, 0], name="line"), context="training", tags={"part": "1"})
        for step in range(2):
            model = LinearRegression().fit(X, X[:, 0] * (step + 2))
            info = mlflow.sklearn.log_model(model, name="model", params={"step": step}, tags={"kind": "linear"}, model_type="regressor", step=step, pip_requirements=["scikit-learn"])
            mlflow.log_metric("rmse", 0.5 - step / 10, step=step, model_id=info.model_id, dataset=mlflow.data.from_numpy(X, name="line"))
        mlflow.log_metric("rmse", math.nan, step=9, model_id=info.model_id)
    with mlflow.start_run(run_name="judge") as judge:
        client.log_inputs(judge.info.run_id, models=[LoggedModelInput(info.model_id)])
        mlflow.log_metric("accuracy", 0.75, model_id=info.model_id)
    heavy = client.create_logged_model(train.info.experiment_id, name="heavy", source_run_id=train.info.run_id)
    client.log_model_artifacts(heavy.model_id, files(60, 20_000))
    client.finalize_logged_model(heavy.model_id, "READY")
    client.log_outputs(train.info.run_id, [LoggedModelOutput(heavy.model_id, 5)])
    alone = client.create_logged_model(train.info.experiment_id, name="alone", params={"p": "v" * 400})
    client.finalize_logged_model(alone.model_id, "FAILED")
    client.create_logged_model(train.info.experiment_id, name="pending")
    gone = client.create_logged_model(train.info.experiment_id, name="gone")
    client.delete_logged_model(gone.model_id)
    client.create_registered_model("line", tags={"t": "1"}, description="a line")
    mlflow.register_model(info.model_uri, "line", tags={"n": "one"})
    mlflow.register_model(info.model_uri, "line")
    client.delete_model_version("line", "2")
    mlflow.register_model("runs:/%s/model" % train.info.run_id, "line")
    client.set_registered_model_alias("line", "champion", "3")
    client.transition_model_version_stage("line", "1", "Production")
    client.copy_model_version("models:/line/1", "copies")
    client.create_registered_model("buckets")
    client.create_model_version("buckets", "s3://bucket/model")
    lost = client.create_run(train.info.experiment_id, run_name="lost")
    client.log_metric(lost.info.run_id, "m", 1.0)
    client.set_terminated(lost.info.run_id)
    client.delete_run(lost.info.run_id)
    closed = client.create_experiment("closed")
    client.set_terminated(client.create_run(closed, run_name="in closed").info.run_id)
    client.delete_experiment(closed)
    client.register_prompt("greeting", "Hello {{name}}") if hasattr(client, "register_prompt") else mlflow.genai.register_prompt("greeting", "Hello {{name}}")
    with mlflow.start_span("one"): pass
    mlflow.flush_trace_async_logging()
    return dict(model=info.model_id, run=train.info.run_id)

# Everything of the logged models of a tracking server, by name and step, in the words of names.
def dump(uri):
    mlflow.set_tracking_uri(uri)
    client = MlflowClient(uri)
    experiment = client.get_experiment_by_name("fits").experiment_id
    runs = client.search_runs([experiment])
    names = {run.info.run_id: run.info.run_name for run in runs}
    models = {}
    for model in client.search_logged_models([experiment], order_by=[{"field_name": "creation_timestamp"}]):
        todo, files = [None], {}
        while todo:
            for file in client.list_logged_model_artifacts(model.model_id, todo.pop()):
                if file.is_dir: todo.append(file.path)
                else: files[file.path] = file.file_size
        name = "%s %s" % (model.name, model.params.get("step", ""))
        assert name not in models, "twice: " + name
        names[model.model_id] = name
        models[name] = dict(
            type=model.model_type, status=str(model.status), run=names.get(model.source_run_id, model.source_run_id), params=model.params, files=files, made=model.creation_timestamp,
            tags={k: v for k, v in model.tags.items() if not k.startswith("switchyard.") and k != "mlflow.modelVersions"},
            metrics=sorted([m.key, "0.0" if math.isnan(m.value) else repr(m.value), m.step, m.timestamp, names.get(m.run_id, m.run_id), m.dataset_name or "", m.dataset_digest or ""] for m in model.metrics or []))
    links = {names[run.info.run_id]: dict(
        inputs=sorted(names[m.model_id] for m in run.inputs.model_inputs), outputs=sorted([names[m.model_id], m.step] for m in run.outputs.model_outputs),
        datasets=sorted([d.dataset.name, d.dataset.digest, d.dataset.source, d.dataset.schema, d.dataset.profile, sorted([t.key, t.value] for t in d.tags)] for d in run.inputs.dataset_inputs),
        metrics={k: sorted([repr(m.value), m.timestamp, m.step] for m in client.get_metric_history(run.info.run_id, k)) for k in run.data.metrics}) for run in runs}
    versions = {"%s %s" % (v.name, v.version): [v.current_stage, {k: t for k, t in v.tags.items() if not k.startswith("switchyard.")}, names.get(v.run_id, v.run_id), names.get(v.model_id, v.model_id)]
        for m in client.search_registered_models() if m.name != "buckets" for v in client.search_model_versions("name='%s'" % m.name)}
    aliases = {m.name: m.aliases for m in client.search_registered_models()}
    return dict(models=models, links=links, versions=versions, aliases=aliases)

# What models load as, from their several addresses.
def load(uri):
    mlflow.set_tracking_uri(uri)
    client = MlflowClient(uri)
    experiment = client.get_experiment_by_name("fits").experiment_id
    [train] = client.search_runs([experiment], "attributes.run_name = 'train'")
    last = next(m for m in client.search_logged_models([experiment], filter_string="name = 'model'") if m.params["step"] == "1")
    addresses = ["models:/line/1", "models:/line/3", "models:/line@champion", "models:/copies/1", "models:/" + last.model_id, "runs:/%s/model" % train.info.run_id]
    said = {}
    for address in addresses:
        said[address.replace(last.model_id, "ID").replace(train.info.run_id, "RUN")] = float(mlflow.sklearn.load_model(address).predict(numpy.array([[10.0]]))[0])
    info = mlflow.pyfunc.load_model("models:/line/1").metadata
    with mlflow.start_run(run_name="again", experiment_id=experiment):  # a client logs to the model that its file MLmodel names
        mlflow.log_metric("later", 1.0, model_id=info.model_id)
    return dict(said=said, ids=[info.model_id == last.model_id, info.run_id == train.info.run_id])

def models_of(uri):
    client = MlflowClient(uri)
    return [m.model_id for m in client.search_logged_models([client.get_experiment_by_name("fits").experiment_id])]

def delete_model(uri, id):
    MlflowClient(uri).delete_logged_model(id)

def deleted(uri):
    client = MlflowClient(uri)
    fits, closed = client.get_experiment_by_name("fits"), client.get_experiment_by_name("closed")
    return dict(runs=[r.info.run_name for r in client.search_runs([fits.experiment_id], run_view_type=2)], closed=closed and closed.lifecycle_stage)
`;

interface Dump {
  readonly models: Record<string, { tags: Record<string, string>; files: Record<string, number> }>;
}

const desk = new Desk();
const mlflow = new MlflowServer(join(desk.place, "mlflow"));
const client = new MlflowQuestions(QUESTIONS);
let there: Dump;

/** Asks our server, in one workspace, with MLflow's client. */
const here = <T = Dump>(act: string, workspace: string): Promise<T> => client.askOurs<T>(act, desk, workspace);

beforeAll(async () => {
  await mlflow.start();
  await client.ask("fill", mlflow.url);
  there = await client.ask<Dump>("dump", mlflow.url);
}, 400_000);
afterAll(async () => {
  client.close();
  await mlflow.stop();
  await desk.close();
});

describe("import mlflow of logged models", () => {
  it("--dry-run counts them, and what will stay", async () => {
    expect(await desk.json("import", "mlflow", mlflow.url, "--dry-run")).toMatchObject({
      loggedModels: 5,
      registeredModels: 3,
      stays: { "deleted experiments": 1, "deleted runs": 1, traces: 1, prompts: 1 },
    });
  });

  it("brings them with files, metrics, links and versions, and nothing twice", async () => {
    const account = await desk.json<{ differences: string[] }>("import", "mlflow", mlflow.url);
    expect(account).toMatchObject({
      loggedModels: { found: 5, brought: 5, failed: 0 },
      models: { found: 3, versions: 4 },
      stays: { "deleted experiments": 1, "deleted runs": 1, traces: 1, prompts: 1 },
    });
    expect(account.differences).toEqual(["model buckets: the files of version 1 stay where they are: s3://bucket/model"]);
    expect(await here("dump", "default")).toEqual(there);
    const again = await desk.json("import", "mlflow", mlflow.url);
    expect(again).toMatchObject({
      loggedModels: { thereAlready: 4, brought: 1 }, // the pending one is looked at again
      files: { count: 0 },
      models: { versions: 0 },
    });
    expect(await here("dump", "default")).toEqual(there);
  });

  it("loads them by every address, and clients log to the model of here", async () => {
    const { said, ids } = await here<{ said: Record<string, number>; ids: boolean[] }>("load", "default");
    expect(Object.keys(said)).toHaveLength(6);
    for (const [address, value] of Object.entries(said)) expect([address, value]).toEqual([address, expect.closeTo(30, 5)]);
    expect(ids).toEqual([true, true]);
  });

  it("leaves alone what somebody has deleted here", async () => {
    await desk.json("workspace", "create", "-w", "fewer");
    await desk.json("import", "mlflow", mlflow.url, "-w", "fewer");
    const [gone, ...kept] = await here<string[]>("models_of", "fewer");
    await client.askOurs("delete_model", desk, "fewer", [gone]);
    const account = await desk.json("import", "mlflow", mlflow.url, "-w", "fewer");
    expect(account).toMatchObject({ loggedModels: { found: 5, failed: 0 }, files: { count: 0 } });
    expect(await here("models_of", "fewer")).toEqual(kept);
  });

  it("goes on after a kill in the middle of a model's files, without anything lost or twice", async () => {
    await desk.json("workspace", "create", "-w", "killed");
    const parts = () => readdirSync(desk.home, { recursive: true, encoding: "utf8" }).filter((path) => path.endsWith(".bin")).length;
    for (let kills = 0; kills < 4; kills++) {
      const before = parts();
      const going = desk.begin("import", "mlflow", mlflow.url, "-w", "killed");
      await vi.waitFor(() => expect(parts()).toBeGreaterThan(before + 3), { timeout: 60_000, interval: 10 });
      going.child.kill("SIGKILL");
      expect((await going.ended).code).toBe(null);
    }
    await desk.json("import", "mlflow", mlflow.url, "-w", "killed");
    expect(await here("dump", "killed")).toEqual(there);
  });

  it("--deleted brings what is deleted, as deleted", async () => {
    await desk.json("workspace", "create", "-w", "all");
    for (const brought of [4, 0]) {
      const account = await desk.json("import", "mlflow", mlflow.url, "-w", "all", "--deleted");
      expect(account).toMatchObject({ runs: { found: 4, brought, failed: 0 }, stays: { traces: 1, prompts: 1 } });
      expect(account.stays).not.toHaveProperty("deleted runs");
      expect(await here("deleted", "all")).toEqual({ runs: ["lost"], closed: "deleted" });
    }
  });

  it("keeps to --experiment and --since", async () => {
    await desk.json("workspace", "create", "-w", "later");
    const account = await desk.json("import", "mlflow", mlflow.url, "-w", "later", "-e", "fits", "--since", "2099-01-01");
    expect(account).toMatchObject({ runs: { found: 0 }, loggedModels: { found: 0 }, models: { versions: 0 } });
  });
});
