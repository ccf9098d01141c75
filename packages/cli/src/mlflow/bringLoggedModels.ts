import { messageOf } from "../errors.ts";
import type { Account } from "./account.ts";
import { bringFiles } from "./bringFiles.ts";
import { chunks, type Ends, millis, TAGS, WHOLE } from "./bringRun.ts";
import type { Here, Link } from "./here.ts";
import { together } from "./together.ts";
import { filesOfModel, historyOf, type LoggedModel, loggedModelsOf, type ModelMetric } from "./words.ts";

/** Set here by the registry when a version is made of a model, with the numbers of here. */
const VERSIONS = "mlflow.modelVersions";
const READY = "LOGGED_MODEL_READY";
const UPLOAD_FAILED = "LOGGED_MODEL_UPLOAD_FAILED";
const MOST_METRICS = 1000;
/** After so many that fail, something else is wrong than a model. */
const MOST_FAILURES = 20;

/** Brings the logged models of the experiments that are here, and then what runs have to do with them. */
export async function bringLoggedModels(ends: Ends, here: Here, since: Date | null, account: Account, tell: () => void): Promise<void> {
  const metrics: Owed[] = [];
  for (const [from, to] of here.experiments) {
    const models = (await loggedModelsOf(ends.source, from)).filter((model) => isWanted(model, here.runs, since));
    if (models.length === 0) continue;
    const known = await knownModels(ends, to);
    await together(models, async (model) => {
      const { loggedModels, differences } = account;
      loggedModels.found++;
      const id = model.info.model_id;
      try {
        const was = known.all.get(id);
        if (was !== undefined && !known.kept.has(was.info.model_id)) {
          loggedModels.thereAlready++; // and stays deleted
          return;
        }
        const modelId = was?.info.model_id ?? (await makeModel(ends, model, to, here, account));
        here.models.set(id, modelId);
        if (was !== undefined && stateOf(was) === WHOLE) loggedModels.thereAlready++;
        else {
          await fillModel(ends, model, modelId, here, account);
          loggedModels.brought++;
        }
        metrics.push({ modelId, from: id, metrics: missingMetrics(model, was) });
      } catch (error) {
        loggedModels.failed++;
        differences.push(`logged model ${id} is not whole: ${messageOf(error)}`);
        if (loggedModels.failed >= MOST_FAILURES) throw error;
      }
      tell();
    });
  }
  for (const owed of metrics) await bringMetrics(ends, owed, here, account);
  await bringLinks(ends, here, account);
}

/** With a date: those of the runs that are here, and those without a run that were made since. */
export function isWanted({ info }: LoggedModel, runs: { has(id: string): boolean }, since: Date | null): boolean {
  if (since === null) return true;
  return info.source_run_id ? runs.has(info.source_run_id) : Number(info.creation_timestamp_ms ?? 0) >= since.getTime();
}

/** The logged models of an experiment here that an import brought, by their id at the source; and the ids here of those that nobody has deleted since. */
async function knownModels(
  { source, destination }: Ends,
  experimentId: string,
): Promise<{ readonly all: ReadonlyMap<string, LoggedModel>; readonly kept: ReadonlySet<string> }> {
  const all = new Map<string, LoggedModel>();
  const filter = `tags.\`${TAGS.from}\` = '${source.url.replaceAll("'", "")}'`;
  const kept = new Set((await loggedModelsOf(destination, experimentId, filter)).map(({ info }) => info.model_id));
  for (const model of await loggedModelsOf(destination, experimentId, filter, true)) {
    const from = model.info.tags?.find(({ key }) => key === TAGS.model)?.value;
    if (from !== undefined && (kept.has(model.info.model_id) || !all.has(from))) all.set(from, model);
  }
  return { all, kept };
}

const stateOf = ({ info }: LoggedModel) => info.tags?.find(({ key }) => key === TAGS.state)?.value;

/** Makes the model here. Its marks are part of the same request, so that it is found again whatever happens next. */
async function makeModel(
  { source, destination }: Ends,
  { info, data }: LoggedModel,
  experimentId: string,
  here: Here,
  account: Account,
): Promise<string> {
  const runId = info.source_run_id ? here.runs.get(info.source_run_id) : undefined;
  if (info.source_run_id && runId === undefined)
    account.differences.push(`logged model ${info.model_id} is of no run here: its run ${info.source_run_id} was not brought`);
  const marks = { [TAGS.from]: source.url, [TAGS.model]: info.model_id };
  const tags = (info.tags ?? []).filter(({ key }) => key !== VERSIONS);
  const { model } = await destination.post<{ model: LoggedModel }>("logged-models", {
    experiment_id: experimentId,
    name: info.name,
    model_type: info.model_type,
    source_run_id: runId,
    creation_timestamp_ms: millis(info.creation_timestamp_ms),
    params: data?.params ?? [],
    tags: [...tags, ...Object.entries(marks).map(([key, value]) => ({ key, value }))],
  });
  return model.info.model_id;
}

/** Brings the files of a model and how far it came; doing it again adds nothing twice. */
async function fillModel(ends: Ends, { info }: LoggedModel, modelId: string, here: Here, account: Account): Promise<void> {
  const { source, destination } = ends;
  const path = `logged-models/${modelId}`;
  const { model: own } = await destination.get<{ model: LoggedModel }>(path);
  const way = {
    from: filesOfModel(source, info.model_id),
    to: filesOfModel(destination, modelId),
    folder: `/api/2.0/mlflow-artifacts/artifacts/${own.info.artifact_uri!.replace(/^mlflow-artifacts:\/+/, "")}`,
    changes: (file: string) => (file === "MLmodel" ? (text: string) => withIdsOfHere(text, info, modelId, here) : null),
  };
  await bringFiles(ends, way, account);
  const over = info.status === READY || info.status === UPLOAD_FAILED;
  if (over) await destination.send("PATCH", path, { status: info.status });
  await destination.send("PATCH", `${path}/tags`, { tags: [{ key: TAGS.state, value: over ? WHOLE : (info.status ?? "") }] });
}

/** MLflow's clients take a model's id from its file `MLmodel` and log to it: it must be the one of here. It is as long as it was. */
function withIdsOfHere(text: string, there: LoggedModel["info"], modelId: string, here: Here): string {
  const run = there.source_run_id ? here.runs.get(there.source_run_id) : undefined;
  const named = text.replaceAll(there.model_id, modelId);
  return run === undefined ? named : named.replaceAll(there.source_run_id!, run);
}

/** Metrics that a model here lacks. */
interface Owed {
  readonly modelId: string;
  readonly from: string;
  readonly metrics: readonly ModelMetric[];
}

const metricKey = ({ key, value, timestamp, step, dataset_name, dataset_digest }: ModelMetric) =>
  JSON.stringify([key, String(value), String(timestamp), String(step ?? 0), dataset_name ?? "", dataset_digest ?? ""]);

function missingMetrics({ data }: LoggedModel, was: LoggedModel | undefined): ModelMetric[] {
  const there = new Set(was?.data?.metrics?.map(metricKey));
  return (data?.metrics ?? []).filter((metric) => !there.has(metricKey(metric)));
}

/** A metric of a model is a point of a run as well, where it is already: it is not counted again. */
async function bringMetrics({ destination }: Ends, { modelId, from, metrics }: Owed, here: Here, account: Account): Promise<void> {
  let left = 0;
  for (const [run, own] of Map.groupBy(metrics, ({ run_id }) => run_id ?? "")) {
    const runId = here.runs.get(run);
    if (runId === undefined || here.deletedRuns.has(runId)) {
      left += own.length;
      continue;
    }
    const points = [];
    for (const metric of own) {
      const { key, timestamp, step, dataset_name, dataset_digest } = metric;
      const value = await valueAsLogged(destination, runId, metric);
      const place = { key, value, timestamp: millis(timestamp), step: Number(step ?? 0) };
      points.push({ ...place, model_id: modelId, dataset_name, dataset_digest });
    }
    for (const batch of chunks(points, MOST_METRICS)) await destination.post("runs/log-batch", { run_id: runId, metrics: batch });
  }
  if (left > 0) account.differences.push(`logged model ${from} lacks ${left} of its metrics: their runs are not here, or deleted here`);
}

/** The value of a metric. MLflow says 0 of a model's NaN; the run's point, which is the same, tells the one from the other. */
async function valueAsLogged(destination: Ends["destination"], runId: string, metric: ModelMetric): Promise<number | string> {
  if (Number(metric.value) !== 0) return metric.value;
  for await (const { value, timestamp, step } of historyOf(destination, runId, metric.key)) {
    const same = Number(timestamp) === Number(metric.timestamp) && Number(step ?? 0) === Number(metric.step ?? 0);
    if (same && Number.isNaN(Number(value))) return value;
  }
  return metric.value;
}

/** Says of runs which logged models they read and made. */
async function bringLinks({ destination }: Ends, here: Here, account: Account): Promise<void> {
  let left = 0;
  const missing: (Link & { modelId: string })[] = [];
  for (const link of here.links) {
    const modelId = here.models.get(link.from);
    if (modelId === undefined) left++;
    else if (!here.isLinked(link.runId, link.direction, modelId)) missing.push({ ...link, modelId });
  }
  await together(
    Map.groupBy(missing, ({ runId }) => runId),
    async ([run_id, links]) => {
      const inputs = links.filter(({ direction }) => direction === "input").map(({ modelId }) => ({ model_id: modelId }));
      const outputs = links.filter(({ direction }) => direction === "output").map(({ modelId, step }) => ({ model_id: modelId, step }));
      if (inputs.length > 0) await destination.post("runs/log-inputs", { run_id, models: inputs });
      if (outputs.length > 0) await destination.post("runs/outputs", { run_id, models: outputs });
    },
  );
  if (left > 0)
    account.differences.push(
      `${left} times a run names a logged model that is not here: it is deleted there or here, or not among what was asked for`,
    );
}
