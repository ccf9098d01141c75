// The history of a real MLflow server, brought into ours: whole, once, and also when the import is killed again and again.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Desk, problemOf } from "../support/desk.ts";
import { MlflowQuestions } from "../support/mlflowQuestions.ts";
import { MlflowServer } from "../support/mlflowServer.ts";
import { type Mishap, UnsteadyProxy } from "../support/unsteadyProxy.ts";
import { within } from "../support/wait.ts";

/** What MLflow's client is asked. */
const QUESTIONS = `
import json, math, os, sqlite3, sys, tempfile, warnings
warnings.simplefilter("ignore")
import mlflow
from mlflow import MlflowClient

def fill(uri, count):
    mlflow.set_tracking_uri(uri)
    client = MlflowClient(uri)
    mnist = client.create_experiment("mnist digits", tags={"team": "vision"})
    parent = client.create_run(mnist, start_time=1_600_000_000_000, run_name="sweep", tags={"k": "v"})
    for n in range(count):
        run = client.create_run(mnist, start_time=1_600_000_001_000 + n, run_name="r%d" % n, tags={"mlflow.parentRunId": parent.info.run_id, "n": str(n)})
        id = run.info.run_id
        client.log_batch(id, metrics=[mlflow.entities.Metric("loss", 1 / (s + 1), 1_600_000_002_000 + s, s) for s in range(50)])
        client.log_metric(id, "same", 1.0, 1_600_000_003_000, 0)
        client.log_metric(id, "same", 2.0, 1_600_000_003_000, 0)
        client.log_param(id, "lr", str(n / 10))
        client.log_text(id, "model of %d" % n, "model/weights file.txt")
        client.set_terminated(id, "FAILED" if n == 1 else "FINISHED", end_time=1_600_000_009_000 + n)
    odd = client.create_run(mnist, start_time=1_700_000_000_000, run_name="odd")
    client.log_metric(odd.info.run_id, "bad", math.nan, 1_700_000_000_001, 0)
    client.log_metric(odd.info.run_id, "bad", math.inf, 1_700_000_000_002, 1)
    client.log_metric(odd.info.run_id, "a/b c", -1.5, 1_700_000_000_003, -3)
    client.set_tag(odd.info.run_id, "note", "ä \\u2713 '\\"")
    client.set_terminated(parent.info.run_id, "FINISHED", end_time=1_600_000_010_000)
    gone = client.create_run(mnist, run_name="gone")
    client.delete_run(gone.info.run_id)
    other = client.create_experiment("other")
    client.set_terminated(client.create_run(other, start_time=1_500_000_000_000, run_name="old").info.run_id, "KILLED", end_time=1_500_000_000_001)
    client.create_registered_model("digits", description="reads digits")
    client.create_model_version("digits", "runs:/%s/model" % id, id)

# A curve of many points, long values, and a model whose name has a quotation mark in it.
def fill_heavy(uri, database, points):
    mlflow.set_tracking_uri(uri)
    client = MlflowClient(uri)
    heavy = client.create_experiment("heavy")
    id = client.create_run(heavy, run_name="long", tags={"t%d" % n: "\u2713" * 2600 for n in range(90)}).info.run_id
    client.log_batch(id, params=[mlflow.entities.Param("p%d" % n, "\u00fc\u2713" * 3000) for n in range(100)])
    client.log_metric(id, "curve", 0.5, 1, 0)
    with sqlite3.connect(database, timeout=60) as db:  # over HTTP it would take a minute
        db.executemany("insert into metrics (key, value, timestamp, run_uuid, step, is_nan) values ('curve', ?, ?, ?, ?, 0)",
            ((1 / n, 1000 + n, id, n) for n in range(1, points)))
    db.close()
    client.log_text(id, "x" * 300_000, "big.txt")
    client.set_terminated(id, "FINISHED", end_time=1_700_000_000_000)
    for name in ("it's", 'a"b'):
        client.create_registered_model(name)
        client.create_model_version(name, "s3://somewhere/else")

def heavy(uri, points):
    client = MlflowClient(uri)
    (run,) = client.search_runs([client.get_experiment_by_name("heavy").experiment_id], "run_name = 'long'")
    history = client.get_metric_history(run.info.run_id, "curve")
    assert sorted(m.step for m in history) == list(range(points)), len(history)
    assert all(m.value == (1 / m.step if m.step else 0.5) and m.timestamp == 1000 + m.step or m.step == 0 for m in history)
    with tempfile.TemporaryDirectory() as folder:
        size = os.path.getsize(client.download_artifacts(run.info.run_id, "big.txt", folder))
    models = {m.name: [v.source for v in client.search_model_versions("name LIKE '%s'" % m.name.replace("'", "_"))]
        for m in client.search_registered_models(max_results=100) if m.name in ("it's", 'a"b')}
    return dict(params=run.data.params, tags={k: v for k, v in run.data.tags.items() if k.startswith("t")}, size=size, models=models)

# Everything of the runs of a tracking server, by run name.
def dump(uri):
    mlflow.set_tracking_uri(uri)
    client = MlflowClient(uri)
    names, everything = {}, {}
    runs = [r for e in client.search_experiments() for r in client.search_runs([e.experiment_id], max_results=1000)]
    for run in runs: names[run.info.run_id] = run.info.run_name
    for run in runs:
        files = {}
        todo = [None]
        while todo:
            for file in client.list_artifacts(run.info.run_id, todo.pop()):
                if file.is_dir: todo.append(file.path)
                else:
                    with tempfile.TemporaryDirectory() as folder:
                        files[file.path] = open(client.download_artifacts(run.info.run_id, file.path, folder)).read()
        tags = {k: v for k, v in run.data.tags.items() if not k.startswith("switchyard.") and k not in ("mlflow.runName", "mlflow.user")}
        if "mlflow.parentRunId" in tags: tags["mlflow.parentRunId"] = names[tags["mlflow.parentRunId"]]
        entry = dict(experiment=client.get_experiment(run.info.experiment_id).name, status=run.info.status, start=run.info.start_time, end=run.info.end_time,
            params=run.data.params, tags=tags, files=files,
            metrics={k: sorted([repr(m.value), m.timestamp, m.step] for m in client.get_metric_history(run.info.run_id, k)) for k in run.data.metrics})
        assert run.info.run_name not in everything, "twice: " + run.info.run_name
        everything[run.info.run_name] = entry
    return everything
`;

const RUNS = 6;
const desk = new Desk();
const mlflow = new MlflowServer(join(desk.place, "mlflow"));
const client = new MlflowQuestions(QUESTIONS);
let there: Record<string, unknown>;

/** What an MLflow client reads from our server, in one workspace. */
const here = (workspace: string) => client.askOurs<Record<string, unknown>>("dump", desk, workspace);

beforeAll(async () => {
  await mlflow.start();
  await client.ask("fill", mlflow.url, [RUNS]);
  there = await client.ask("dump", mlflow.url);
}, 800_000);
afterAll(async () => {
  client.close();
  await mlflow.stop();
  await desk.close();
});

describe("import mlflow", () => {
  it("--dry-run counts, and starts no server", async () => {
    const counted = await desk.json("import", "mlflow", mlflow.url, "--dry-run");
    expect(counted).toMatchObject({ runs: RUNS + 3, registeredModels: 1 });
    expect((await desk.switchyard("status")).code).toBe(4);
  });

  it("brings everything as it was, and nothing twice", async () => {
    const account = await desk.json("import", "mlflow", mlflow.url);
    expect(account).toMatchObject({
      runs: { found: RUNS + 3, brought: RUNS + 3, failed: 0 },
      files: { count: RUNS },
      models: { found: 1, versions: 1 },
    });
    expect(await here("default")).toEqual(there);
    const again = await desk.json("import", "mlflow", mlflow.url);
    expect(again).toMatchObject({
      runs: { found: RUNS + 3, thereAlready: RUNS + 2, brought: 1, failed: 0 },
      points: 0,
      files: { count: 0 },
    }); // the one that still runs there
    expect(await here("default")).toEqual(there);
  });

  it("is whole for our own commands too", async () => {
    const runs = await desk.json<{ runId: string; displayName: string; status: string; startTimeUtc: string }[]>(
      "run",
      "list",
      "--all",
      "--include-children",
      "--last",
      "50",
    );
    expect(runs.find(({ displayName }) => displayName === "r1")).toMatchObject({
      status: "Failed",
      startTimeUtc: new Date(1_600_000_001_001).toISOString(),
    });
    const { runId } = runs.find(({ displayName }) => displayName === "r0")!;
    const series = await desk.json<{ name: string; count: number }[]>("run", "metrics", "-r", runId);
    expect(series.find(({ name }) => name === "loss")).toMatchObject({ count: 50 });
    const files = join(desk.place, "files");
    await desk.json("run", "download", "-r", runId, "-d", files);
    expect(readFileSync(join(files, "model/weights file.txt"), "utf8")).toBe("model of 0");
  });

  it("takes a part: --experiment and --since", async () => {
    await desk.json("workspace", "create", "-w", "part");
    const account = await desk.json("import", "mlflow", mlflow.url, "-w", "part", "-e", "mnist digits", "--since", "2023-01-01");
    expect(account).toMatchObject({ experiments: 1, runs: { found: 1 } });
    expect(Object.keys(await here("part"))).toEqual(["odd"]);
  });

  it("leaves alone what somebody has deleted here", async () => {
    const [run] = await desk.json<{ runId: string }[]>("run", "list", "--all", "-w", "part");
    const { url } = await desk.json<{ url: string }>("status");
    const deleted = await fetch(`${url}/mlflow/part/api/2.0/mlflow/runs/delete`, {
      method: "POST",
      headers: { authorization: `Bearer ${readFileSync(join(desk.home, "token"), "utf8").trim()}` },
      body: JSON.stringify({ run_id: run?.runId }),
    });
    expect(deleted.status).toBe(200);
    const account = await desk.json("import", "mlflow", mlflow.url, "-w", "part", "-e", "mnist digits", "--since", "2023-01-01");
    expect(account).toMatchObject({ runs: { found: 1, thereAlready: 1, brought: 0 } });
    expect(await here("part")).toEqual({});
  });

  it("goes on after a kill at any moment, without anything lost or twice", async () => {
    await desk.json("workspace", "create", "-w", "killed");
    let kills = 0;
    for (let tries = 0; tries < 12; tries++) {
      const going = desk.begin("import", "mlflow", mlflow.url, "-w", "killed");
      const timer = setTimeout(() => going.child.kill("SIGKILL"), 400 + 200 * tries);
      const { code } = await within(240, "the import ends", going.ended);
      clearTimeout(timer);
      if (code === null) kills++;
    }
    expect(kills).toBeGreaterThan(0);
    await desk.json("import", "mlflow", mlflow.url, "-w", "killed");
    expect(await here("killed")).toEqual(there);
  });
});

describe("bad input", () => {
  it.each([
    [["nonsense"], 2, "is no address of an MLflow server"],
    [["sqlite:///mlflow.db"], 2, "mlflow server --backend-store-uri"],
    [["http://127.0.0.1:9"], 4, "does not answer"],
    [[], 2, "uri"],
  ])("%j", async (argv, code, said) => {
    const ended = await desk.switchyard("import", "mlflow", ...argv);
    expect(ended).toMatchObject({ code, stderr: expect.stringContaining(said) });
  });

  it("names an experiment that is not there, a date that is none, a workspace that is none, and another server", async () => {
    const none = await desk.switchyard("import", "mlflow", mlflow.url, "-e", "nmist");
    expect(none).toMatchObject({ code: 3, stderr: expect.stringContaining('has no experiment "nmist". It has') });
    expect(await desk.switchyard("import", "mlflow", mlflow.url, "--since", "tomorrow")).toMatchObject({ code: 2 });
    expect(await desk.switchyard("import", "mlflow", mlflow.url, "-w", "nowhere")).toMatchObject({ code: 3 });
    const { url } = await desk.json<{ url: string }>("status");
    expect(problemOf(await desk.switchyard("import", "mlflow", `${url}/api`)).message).toMatch(/no MLflow server|has no \/api/);
  });

  it("refuses a second import at the same time, and takes over from a dead one", async () => {
    writeFileSync(join(desk.home, "import-mlflow.lock"), `${process.pid} 2026-01-01T00:00:00.000Z\n`);
    expect((await desk.switchyard("import", "mlflow", mlflow.url)).stderr).toContain("An import into this server is going on");
    writeFileSync(join(desk.home, "import-mlflow.lock"), "999999999 2026-01-01T00:00:00.000Z\n");
    expect(await desk.switchyard("import", "mlflow", mlflow.url)).toMatchObject({ code: 0 });
  });
});

describe("a large history, and a server that stumbles", () => {
  const POINTS = 100_000;
  it("brings a curve of 10^5 points, long values and names with quotation marks", async () => {
    await client.ask("fill_heavy", mlflow.url, [mlflow.database, POINTS]);
    const whole = await client.ask("heavy", mlflow.url, [POINTS]);
    await desk.json("workspace", "create", "-w", "heavy");
    const account = await desk.json("import", "mlflow", mlflow.url, "-w", "heavy");
    expect(account).toMatchObject({ runs: { failed: 0 }, models: { found: 3, versions: 3 } });
    expect(await client.askOurs("heavy", desk, "heavy", [POINTS])).toEqual(whole);
  });

  it("asks again when answers fail, do not come or break off, and brings everything once", async () => {
    const mishaps: readonly Mishap[] = ["fails", "resets", "breaks off"];
    const asked = new Set<string>();
    const way = new UnsteadyProxy(mlflow.url, (number, path) => {
      if (asked.has(path)) return null;
      asked.add(path);
      return mishaps[number % mishaps.length]!;
    });
    const url = await way.start();
    await desk.json("workspace", "create", "-w", "unsteady");
    const wanted = ["-e", "mnist digits", "-e", "other"];
    const account = await desk.json("import", "mlflow", url, "-w", "unsteady", ...wanted);
    await way.stop();
    expect(account).toMatchObject({ runs: { brought: RUNS + 3, failed: 0 } });
    expect(Math.min(...Object.values(way.happened))).toBeGreaterThan(0);
    expect(await here("unsteady")).toEqual(there);
  });

  it("says which server went away, and goes on from there when it is back", async () => {
    let goesAway = true;
    let isAway = false;
    const way = new UnsteadyProxy(mlflow.url, (_, path) => {
      isAway ||= path.includes("get-history");
      return goesAway && isAway ? "resets" : null;
    });
    const url = await way.start();
    await desk.json("workspace", "create", "-w", "away");
    const words = ["import", "mlflow", url, "-w", "away", "-e", "mnist digits", "-e", "other"];
    const ended = await desk.switchyard(...words);
    expect(ended.code).not.toBe(0);
    expect(ended.stderr).toContain(`${url} does not answer`);
    expect(ended.stderr).toContain("Call it again");
    goesAway = false;
    expect(await desk.json(...words)).toMatchObject({ runs: { failed: 0 } });
    await way.stop();
    expect(await here("away")).toEqual(there);
  });
});
