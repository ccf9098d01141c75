import { AlreadyExists, BadRequest, Conflict, NotFound } from "@switchyard/protocol";
import { expect, it } from "vitest";
import type { LoggedMetric, Store } from "../src/index.ts";
import { newRun } from "../src/testing/records.ts";
import { onEveryDatabase } from "./everyDatabase.ts";

const WS = "default";
const point = (name: string, value: number, step = 0, time = 1000 + step): LoggedMetric => ({ name, value, step, time });
const log = (store: Store, runId: string, batch: Parameters<Store["tracking"]["log"]>[2]) => store.tracking.log(WS, runId, batch);

/** Five runs of experiment "mnist" with what searches ask about. */
async function withRuns(store: Store): Promise<Store> {
  const at = (second: number) => new Date(1_700_000_000_000 + second * 1000);
  for (const [index, id] of ["a", "b", "c", "d"].entries()) {
    const state = id === "d" ? { state: "running" as const } : { state: "ended" as const, outcome: "succeeded" as const, endedAt: at(60) };
    await store.runs.create(newRun(id, { startedAt: at(index), createdAt: at(index), displayName: `Run ${id}`, ...state }));
  }
  await store.runs.create(newRun("child", { parentId: "a", rootId: "a", startedAt: at(9), createdAt: at(9) }));
  await log(store, "a", {
    metrics: [point("loss", 0.25)],
    params: [{ name: "lr", value: "0.1" }],
    tags: [{ name: "team", value: "vision" }],
  });
  await log(store, "b", {
    metrics: [point("loss", 0.75)],
    params: [{ name: "lr", value: "0.01" }],
    tags: [{ name: "a b", value: "it's" }],
  });
  await log(store, "c", { metrics: [point("loss", Number.POSITIVE_INFINITY)] });
  await log(store, "d", { metrics: [point("loss", Number.NaN)], tags: [{ name: "team", value: "Vision" }] });
  return store;
}

async function found(store: Store, filter?: string, orderBy: string[] = ["attributes.run_id"]): Promise<string[]> {
  const search = { experiments: ["mnist"], filter, orderBy, view: "ACTIVE_ONLY" as const, limit: 100 };
  return (await store.tracking.search(WS, search)).runs.map(({ id }) => id);
}

onEveryDatabase("what MLflow's clients log", ({ open }) => {
  it("is whole in both worlds, and the value with the greatest step is the last", async () => {
    const store = await open();
    await store.runs.create(newRun("a"));
    await log(store, "a", {
      metrics: [
        point("loss", 3, 2),
        point("loss", 1, 0),
        point("loss", 2, 1),
        point("nan", Number.NaN),
        point("down", Number.NEGATIVE_INFINITY),
      ],
      params: [{ name: "lr", value: "" }],
      tags: [
        { name: "mlflow.runName", value: "fine" },
        { name: "mlflow.note.content", value: "**words**" },
      ],
    });
    const view = await store.runs.view("a");
    expect(view).toMatchObject({ params: { lr: "" }, metrics: { loss: 3, nan: "NaN", down: "-Infinity" } });
    expect(view?.record).toMatchObject({ displayName: "fine", description: "**words**" });
    expect(await store.tracking.run(WS, "a")).toMatchObject({
      name: "fine",
      params: { lr: "" },
      tags: { "mlflow.runName": "fine", "mlflow.user": "ada" },
      metrics: expect.arrayContaining([{ name: "loss", value: 3, step: 2, time: 1002 }]) as unknown,
    });
    expect(await store.metrics.numbers("a", "loss")).toMatchObject({ values: Float64Array.of(3, 1, 2), steps: Float64Array.of(2, 0, 1) });
  });

  it("is taken once, however often it is sent", async () => {
    const store = await open();
    await store.runs.create(newRun("a"));
    const metrics = [point("loss", 1, 0), point("loss", Number.NaN, 1), point("loss", 1, 0), point("acc", 0)];
    for (let i = 0; i < 3; i++) await log(store, "a", { metrics, params: [{ name: "p", value: "1" }] });
    await log(store, "a", { metrics: [point("loss", 1, 0, 999), point("loss", 2, 0)] }); // an older time, another value
    const curve = await store.metrics.points("a", "loss");
    expect(curve).toMatchObject({ steps: [0, 1, 0, 0], times: [1000, 1001, 999, 1000], values: [1, "NaN", 1, 2] });
    expect((await store.metrics.points("a", "acc")).total).toBe(1);
  });

  it("is refused whole when a param changes, the run is deleted or not there", async () => {
    const store = await open();
    await store.runs.create(newRun("a"));
    await log(store, "a", { params: [{ name: "lr", value: "1" }] });
    const changed = {
      metrics: [point("loss", 1)],
      params: [
        { name: "new", value: "x" },
        { name: "lr", value: "2" },
      ],
    };
    await expect(log(store, "a", changed)).rejects.toThrow(/Changing param values is not allowed.*'lr'.*'1'/);
    expect(await store.runs.view("a")).toMatchObject({ params: { lr: "1" }, metrics: {} });
    await store.tracking.setDeleted(WS, "a", new Date());
    await expect(log(store, "a", { tags: [{ name: "t", value: "" }] })).rejects.toThrow(/must be in the 'active' state/);
    await expect(log(store, "none", { tags: [] })).rejects.toThrow(NotFound);
    await expect(store.tracking.log("elsewhere", "a", {})).rejects.toThrow(NotFound);
    expect((await store.runs.list(WS, { limit: 10, order: "-created", includeChildren: true } as never)).items).toEqual([]);
    await store.tracking.setDeleted(WS, "a", null);
    await log(store, "a", { tags: [{ name: "t", value: "" }] });
    await store.tracking.deleteTag(WS, "a", "t");
    await expect(store.tracking.deleteTag(WS, "a", "t")).rejects.toThrow("No tag with name: t");
  });

  it("keeps datasets and models with the runs that name them", async () => {
    const store = await open();
    await store.runs.create(newRun("a"));
    const dataset = { name: "digits", digest: "d1", sourceType: "local", source: "{}", schema: null, profile: "{}" };
    const input = { dataset, tags: [{ name: "mlflow.data.context", value: "train" }] };
    const experiment = await store.trackedExperiments.byName(WS, "mnist");
    const model = {
      id: "m-1",
      workspace: WS,
      experimentId: experiment!.id,
      name: "net",
      type: "cnn",
      sourceRunId: "a",
      tags: [],
      params: [],
    };
    await store.loggedModels.create(model);
    for (let i = 0; i < 2; i++)
      await store.tracking.addInputs(WS, "a", { datasets: [input], models: [{ direction: "output", modelId: "m-1", step: 3 }] });
    expect(await store.tracking.run(WS, "a")).toMatchObject({
      datasets: [input],
      models: [{ direction: "output", modelId: "m-1", step: 3 }],
    });
    expect(await store.tracking.datasets([experiment!.id], 10)).toEqual([
      { experimentId: experiment!.id, name: "digits", digest: "d1", context: "train" },
    ]);
    expect(await found(store, "datasets.name = 'digits' and dataset.context in ('train', 'eval')")).toEqual(["a"]);
    expect(await found(store, "datasets.digest = 'other'")).toEqual([]);

    await log(store, "a", { metrics: [{ ...point("acc", 0.5), modelId: "m-1", datasetName: "digits", datasetDigest: "d1" }] });
    await expect(log(store, "a", { metrics: [{ ...point("acc", 1), modelId: "m-none" }] })).rejects.toThrow(/'m-none' not found/);
    const search = {
      experimentIds: [experiment!.id],
      datasets: [{ name: "digits" }],
      order: [{ field: "metrics.acc", ascending: true }],
      limit: 5,
    };
    expect((await store.loggedModels.search(WS, { ...search, filter: "metrics.acc >= 0.5 and name = 'net'" })).models).toMatchObject([
      { id: "m-1", metrics: [{ value: 0.5 }] },
    ]);
    expect((await store.loggedModels.search(WS, { ...search, filter: "metrics.acc > 0.5" })).models).toEqual([]);
    await store.loggedModels.delete(WS, "m-1");
    await expect(store.loggedModels.get(WS, "m-1")).rejects.toThrow(NotFound);
  });
});

onEveryDatabase("a workspace that goes", ({ open }) => {
  it("takes along what MLflow's clients logged in it", async () => {
    const store = await open();
    for (const workspace of ["going", "staying"]) {
      await store.workspaces.ensure(workspace);
      const experimentId = await store.trackedExperiments.create(workspace, "e", { tags: [{ name: "k", value: "v" }] });
      await store.runs.create(newRun(`run of ${workspace}`, { workspace, experiment: "e", state: "ended", outcome: "succeeded" }));
      const dataset = { name: "d", digest: "1", sourceType: "local", source: "{}", schema: null, profile: null };
      await store.tracking.addInputs(workspace, `run of ${workspace}`, { datasets: [{ dataset, tags: [] }] });
      const labels = { tags: [{ name: "t", value: "v" }], params: [{ name: "p", value: "v" }] };
      await store.loggedModels.create({
        id: `m-${workspace}`,
        workspace,
        experimentId,
        name: "n",
        type: null,
        sourceRunId: null,
        ...labels,
      });
    }
    expect((await store.workspaces.remove("going", true)).sort()).toEqual(["m-going", "run of going"]);
    expect(await store.tracking.run("staying", "run of staying")).toMatchObject({ datasets: [{ dataset: { name: "d" } }] });
    expect(await store.loggedModels.get("staying", "m-staying")).toMatchObject({ tags: { t: "v" }, params: { p: "v" } });
    await store.workspaces.ensure("going");
    await store.trackedExperiments.create("going", "e", {});
    await expect(store.loggedModels.get("going", "m-going")).rejects.toThrow(NotFound);
  });
});

onEveryDatabase("MLflow's search of runs", ({ open }) => {
  it("understands its filters", async () => {
    const store = await withRuns(await open());
    expect(await found(store)).toEqual(["a", "b", "c", "child", "d"]);
    expect(await found(store, "metrics.loss < 0.5")).toEqual(["a"]);
    expect(await found(store, "metric.`loss` >= 0.75")).toEqual(["b", "c"]);
    expect(await found(store, "metrics.loss != 0.25")).toEqual(["b", "c", "d"]);
    expect(await found(store, "params.lr = '0.1' AND metrics.loss <= 1e0")).toEqual(["a"]);
    expect(await found(store, "parameters.lr LIKE '0.%'")).toEqual(["a", "b"]);
    expect(await found(store, "tags.team LIKE 'V%'")).toEqual(["d"]);
    expect(await found(store, "tags.team ILIKE 'V%'")).toEqual(["a", "d"]);
    expect(await found(store, `tags."a b" = 'it''s'`)).toEqual(["b"]);
    expect(await found(store, "tag.team IS NOT NULL and params.lr IS NULL")).toEqual(["d"]);
    expect(await found(store, "status = 'FINISHED' and attributes.run_id NOT IN ('a', 'x')")).toEqual(["b", "c"]);
    expect(await found(store, "run_name = 'Run b'")).toEqual(["b"]);
    expect(await found(store, "attributes.`Run name` ILIKE 'run %' and attr.start_time > 1700000001000")).toEqual(["c", "d"]);
    expect(await found(store, "tags.mlflow.parentRunId = 'a'")).toEqual(["child"]);
    expect(await found(store, "tags.`mlflow.user` = \"ada\" and user_id = 'ada'")).toEqual(["a", "b", "c", "child", "d"]);
    expect(await found(store, "artifact_uri LIKE '%/a/artifacts'")).toEqual(["a"]);
  });

  it("takes what looks like SQL for the text it is", async () => {
    const store = await withRuns(await open());
    for (const evil of ["' OR 1=1 --", "'; DROP TABLE runs; --", "%", "_", "[a]", "\\", "*", "nul\0"]) {
      const quoted = evil.replaceAll("'", "''");
      expect(await found(store, `tags.team = '${quoted}'`), evil).toEqual([]);
      expect(await found(store, `tags."${evil.replaceAll('"', "")}" = '${quoted}'`), evil).toEqual([]);
    }
    for (const broken of [
      "tags.team = 'x' OR 1=1", "tags.team = 'x'; DROP TABLE runs", "1 = 1", "metrics.loss", "metrics.loss <", "metrics.loss < 'a'",
      "tags.team > 'a'", "tags.team = vision", "constructor.x = 'a'", "toString = 'a'", "metrics.loss LIKE '1'", "(tags.team = 'a')",
      "run_id IN ()", "run_id IN ('a'", "tags.team = 'never closed", "metrics.loss IS NULL", "start_time = 'now'", "tags.team -- x",
    ]) // biome-ignore format: a list
      await expect(found(store, broken), broken).rejects.toThrow(BadRequest);
    expect(await found(store)).toHaveLength(5);
  });

  it("orders by anything, with those that lack the value last", async () => {
    const store = await withRuns(await open());
    expect(await found(store, undefined, ["metrics.loss"])).toEqual(["a", "b", "c", "d", "child"]);
    expect(await found(store, undefined, ["metrics.loss DESC"])).toEqual(["c", "b", "a", "d", "child"]);
    expect(await found(store, "metrics.loss > 0", ["metrics.loss DESC"])).toEqual(["c", "b", "a"]);
    expect(await found(store, "metrics.loss >= 0.25 and tags.team = 'vision'", ["metrics.loss", "run_id"])).toEqual(["a"]);
    expect(await found(store, "metrics.loss != 0.25", ["metrics.loss"])).toEqual(["b", "c", "d"]);
    expect(await found(store, undefined, ["params.lr asc", "run_id DESC"])).toEqual(["b", "a", "d", "child", "c"]);
    expect(await found(store, undefined, [])).toEqual(["child", "d", "c", "b", "a"]);
    expect(await found(store, undefined, ["start_time"])).toEqual(["a", "b", "c", "d", "child"]);
    expect(await found(store, undefined, ["tags.team desc", "attributes.status", "run_id"])).toEqual(["a", "d", "b", "c", "child"]);
    for (const broken of ["loss", "metrics.loss sideways", "metrics.loss; select 1", "dataset.name", "run_id desc desc"])
      await expect(found(store, undefined, [broken]), broken).rejects.toThrow(BadRequest);
    await expect(found(store, undefined, ["metrics.loss", "metric.loss desc"])).rejects.toThrow("duplicate");
  });

  it("goes page by page, and sees only a family where it is told to", async () => {
    const store = await withRuns(await open());
    const search = { experiments: ["mnist"], orderBy: ["run_id"], view: "ACTIVE_ONLY" as const, limit: 2 };
    const first = await store.tracking.search(WS, search);
    const second = await store.tracking.search(WS, { ...search, pageToken: first.next! });
    const third = await store.tracking.search(WS, { ...search, pageToken: second.next! });
    expect([first, second, third].map(({ runs }) => runs.map(({ id }) => id))).toEqual([["a", "b"], ["c", "child"], ["d"]]);
    expect(third.next).toBeNull();
    await expect(store.tracking.search(WS, { ...search, pageToken: "nonsense" })).rejects.toThrow("Invalid page token");
    const family = await store.tracking.search(WS, { ...search, within: "a" });
    expect(family.runs.map(({ id }) => id)).toEqual(["a", "child"]);
  });
});

onEveryDatabase("experiments as MLflow knows them", ({ open }) => {
  it("are made, found, tagged and renamed with their runs", async () => {
    const store = await open();
    const id = await store.trackedExperiments.create(WS, "My Experiment", {
      artifactLocation: "s3://b/x",
      tags: [{ name: "k", value: "v" }],
    });
    await expect(store.trackedExperiments.create(WS, "My Experiment", {})).rejects.toThrow(AlreadyExists);
    expect(await store.trackedExperiments.get(WS, id)).toMatchObject({
      name: "My Experiment",
      artifactLocation: "s3://b/x",
      tags: { k: "v" },
    });
    await store.runs.create(newRun("a", { experiment: "My Experiment" }));
    await store.trackedExperiments.rename(WS, id, "Ours");
    expect((await store.runs.get("a"))?.experiment).toBe("Ours");
    expect(await store.trackedExperiments.byName(WS, "My Experiment")).toBeUndefined();
    await store.trackedExperiments.create(WS, "Other", {});
    await expect(store.trackedExperiments.rename(WS, id, "Other")).rejects.toThrow(AlreadyExists);
    await store.trackedExperiments.setTag(WS, id, { name: "k", value: "w" });
    await store.trackedExperiments.deleteTag(WS, id, "k");
    await expect(store.trackedExperiments.deleteTag(WS, id, "k")).rejects.toThrow(NotFound);
    await expect(store.trackedExperiments.get("elsewhere", id)).rejects.toThrow(NotFound);
  });

  it("are deleted and brought back with their runs; no run begins in one that is deleted", async () => {
    const store = await open();
    await store.runs.create(newRun("a"));
    const { id } = (await store.trackedExperiments.byName(WS, "mnist"))!;
    await store.trackedExperiments.delete(WS, id);
    await expect(store.trackedExperiments.delete(WS, id)).rejects.toThrow(NotFound);
    await expect(store.trackedExperiments.setTag(WS, id, { name: "k", value: "v" })).rejects.toThrow(/'active' state/);
    await expect(store.trackedExperiments.rename(WS, id, "x")).rejects.toThrow(Conflict);
    await expect(store.trackedExperiments.create(WS, "mnist", {})).rejects.toThrow(/It is deleted/);
    await expect(store.runs.create(newRun("b"))).rejects.toThrow(/is archived, so no run can begin in it/);
    expect(await store.tracking.run(WS, "a")).toMatchObject({ deletedAt: expect.any(Number) as unknown });
    await store.trackedExperiments.restore(WS, id);
    expect(await store.tracking.run(WS, "a")).toMatchObject({ deletedAt: null });
    await store.runs.create(newRun("b"));
  });

  it("are searched, the default one among them under MLflow's id", async () => {
    const store = await open();
    await store.workspaces.ensure("team");
    for (const name of ["a", "ab", "Abc"])
      await store.trackedExperiments.create(WS, name, { tags: name === "a" ? [{ name: "k", value: "vaLue" }] : [] });
    const names = async (filter?: string, orderBy = ["name"]) =>
      (await store.trackedExperiments.search(WS, { filter, orderBy, view: "ACTIVE_ONLY", limit: 10 })).experiments.map(({ name }) => name);
    expect(await names()).toEqual(["Abc", "Default", "a", "ab"]);
    expect(await names("name LIKE 'a%'")).toEqual(["a", "ab"]);
    expect(await names("name ILIKE 'a%' and tags.k ILIKE '%VALUE'")).toEqual(["a"]);
    expect(await names("experiment_id = '0'")).toEqual(["Default"]);
    expect(await names("attribute.name != 'a' and creation_time > 0", ["name DESC"])).toEqual(["ab", "Default", "Abc"]);
    await expect(names("metrics.x > 1")).rejects.toThrow(/Invalid entity type/);
    expect(await store.trackedExperiments.get(WS, "0")).toMatchObject({ name: "Default" });
    expect((await store.trackedExperiments.get("team", "0")).id).not.toBe((await store.trackedExperiments.get(WS, "0")).id);
    expect(await store.trackedExperiments.namesOf(WS, ["0", "none"])).toEqual(["Default"]);
  });
});
