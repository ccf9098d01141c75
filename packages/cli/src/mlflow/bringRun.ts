import type { Account } from "./account.ts";
import { bringFiles } from "./bringFiles.ts";
import type { MlflowClient } from "./client.ts";
import { filesOfRun, historyOf, type Metric, type MlflowRun, type Pair } from "./words.ts";

/** Tags by which a run or logged model that was brought is known again. */
export const TAGS = {
  from: "switchyard.import.from",
  run: "switchyard.import.run",
  model: "switchyard.import.model",
  state: "switchyard.import.state",
} as const;
/** The state of a run that is here whole; one that still ran there is looked at again. */
export const WHOLE = "whole";

const PARENT = "mlflow.parentRunId";
const MOST_PARAMS = 100;
const MOST_TAGS = 100;
const MOST_POINTS = 1000;
const OVER = ["FINISHED", "FAILED", "KILLED"];

/** Both ends of an import. */
export interface Ends {
  readonly source: MlflowClient;
  readonly destination: MlflowClient;
}

/** Makes the run that stands for `run` at the destination. Its marks are part of the same request, so that it is found again whatever happens next. */
export async function makeRun(
  { source, destination }: Ends,
  run: MlflowRun,
  experimentId: string,
  parentId: string | null,
): Promise<string> {
  const marks = { [TAGS.from]: source.url, [TAGS.run]: run.info.run_id };
  const tags = tagsOf(run, parentId).slice(0, MOST_TAGS);
  const { run: made } = await destination.post<{ run: MlflowRun }>("runs/create", {
    experiment_id: experimentId,
    run_name: run.info.run_name || undefined,
    user_id: run.info.user_id || undefined,
    start_time: millis(run.info.start_time),
    tags: [...tags, ...Object.entries(marks).map(([key, value]) => ({ key, value }))],
  });
  return made.info.run_id;
}

/** Brings all of a run; doing it again adds nothing twice. */
export async function fillRun(ends: Ends, run: MlflowRun, runId: string, parentId: string | null, account: Account): Promise<void> {
  const { destination } = ends;
  const { info, data = {}, inputs } = run;
  for (const tags of chunks(tagsOf(run, parentId).slice(MOST_TAGS), MOST_TAGS))
    await destination.post("runs/log-batch", { run_id: runId, tags });
  for (const params of chunks(data.params ?? [], MOST_PARAMS)) {
    await destination.post("runs/log-batch", { run_id: runId, params });
    account.params += params.length;
  }
  if (inputs?.dataset_inputs?.length) await destination.post("runs/log-inputs", { run_id: runId, datasets: inputs.dataset_inputs });
  for (const { key } of data.metrics ?? []) await bringHistory(ends, info.run_id, runId, key, account);
  await bringRunFiles(ends, run, runId, account);
  const over = OVER.includes(info.status);
  await destination.post("runs/update", { run_id: runId, status: info.status, ...(over ? { end_time: millis(info.end_time) } : {}) });
  await destination.post("runs/set-tag", { run_id: runId, key: TAGS.state, value: over ? WHOLE : info.status });
}

async function bringHistory({ source, destination }: Ends, from: string, to: string, key: string, account: Account): Promise<void> {
  const there = await pointsThere(destination, to, key);
  let batch: object[] = [];
  const send = async () => {
    if (batch.length > 0) await destination.post("runs/log-batch", { run_id: to, metrics: batch });
    account.points += batch.length;
    batch = [];
  };
  for await (const point of historyOf(source, from, key)) {
    if (there.has(pointKey(point))) continue;
    batch.push({ key, value: point.value, timestamp: millis(point.timestamp), step: Number(point.step ?? 0) });
    if (batch.length === MOST_POINTS) await send();
  }
  await send();
}

/** Points of a metric that an import that was cut short has brought. */
async function pointsThere(destination: MlflowClient, runId: string, key: string): Promise<Set<string>> {
  const there = new Set<string>();
  for await (const point of historyOf(destination, runId, key)) there.add(pointKey(point));
  return there;
}

const pointKey = ({ value, timestamp, step }: Metric): string => `${timestamp} ${step ?? 0} ${value}`;

/** The files of a run. Those that another Switchyard shows there of its logged models come with the models. */
async function bringRunFiles(ends: Ends, run: MlflowRun, runId: string, account: Account): Promise<void> {
  const { source, destination } = ends;
  const { run: own } = await destination.get<{ run: MlflowRun }>("runs/get", { run_id: runId });
  const models = (run.outputs?.model_outputs ?? []).map(({ model_id }) => `models/${model_id}/`);
  const way = {
    from: filesOfRun(source, run.info.run_id),
    to: filesOfRun(destination, runId),
    folder: `/api/2.0/mlflow-artifacts/artifacts/${own.info.experiment_id}/${runId}/artifacts`,
    wanted: (path: string) => !models.some((folder) => path.startsWith(folder)),
  };
  await bringFiles(ends, way, account);
}

/** Tags with the parent under its id here. The name has a field of its own. */
function tagsOf({ data }: MlflowRun, parentId: string | null): Pair[] {
  const tags = (data?.tags ?? []).filter(({ key }) => key !== PARENT && key !== "mlflow.runName");
  return parentId === null ? tags : [...tags, { key: PARENT, value: parentId }];
}

/** The id, at the source, of the run that this one is a child of. */
export const parentOf = ({ data }: MlflowRun): string | null => data?.tags?.find(({ key }) => key === PARENT)?.value ?? null;

export const millis = (value: number | string | undefined): number | undefined => (value === undefined ? undefined : Number(value));

export function chunks<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, i) => items.slice(i * size, (i + 1) * size));
}
