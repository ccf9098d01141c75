import { type NumberColumns, offsetOf, pageTokenOf } from "@switchyard/store";
import { invalid } from "../errors.ts";
import { integer, list, required, text } from "../fields.ts";
import { evenSample, historyOrder, stepOrder } from "../metricOrder.ts";
import { defineMlflow, type MlflowCall, RawJson } from "../operation.ts";
import { requireRun, runOf } from "../runAccess.ts";

const MOST_RUNS = 100;
const MOST_BULK = 25_000;
const MOST_PER_RUN = 2500;

export const metricOperations = [
  defineMlflow({
    name: "getMetricHistory",
    method: "GET",
    path: "metrics/get-history",
    access: "run",
    fields: { run_id: required(text), metric_key: required(text), max_results: integer, page_token: text },
    async act(call) {
      const { run_id, metric_key, max_results, page_token } = call.input;
      if (max_results !== undefined && max_results <= 0) {
        throw invalid(`Invalid value ${max_results} for parameter 'max_results' supplied. It must be a positive integer.`);
      }
      await requireRun(call, run_id);
      const columns = await columnsOf(call, run_id, metric_key);
      const order = historyOrder(columns);
      const from = offsetOf(page_token);
      const to = max_results === undefined ? order.length : Math.min(order.length, from + max_results);
      const token = to < order.length ? `,"next_page_token":${JSON.stringify(pageTokenOf(to))}` : "";
      return new RawJson(`{"metrics":[${pointsJson(metric_key, columns, order.subarray(from, to))}]${token}}`);
    },
  }),
  defineMlflow({
    name: "getMetricHistoryBulk",
    method: "GET",
    path: "metrics/get-history-bulk",
    access: "run",
    fields: { run_id: list(text), metric_key: text, max_results: integer },
    async act(call) {
      const { run_id: runIds = [], metric_key, max_results } = call.input;
      if (runIds.length === 0) throw invalid("GetMetricHistoryBulk request must specify at least one run_id.");
      if (runIds.length > MOST_RUNS) {
        throw invalid(`GetMetricHistoryBulk request cannot specify more than ${MOST_RUNS} run_ids. Received ${runIds.length} run_ids.`);
      }
      if (metric_key === undefined || metric_key === "") throw invalid("GetMetricHistoryBulk request must specify a metric_key.");
      let left = Math.min(max_results ?? MOST_BULK, MOST_BULK);
      const pieces: string[] = [];
      for (const runId of [...runIds].sort()) {
        await requireRun(call, runId);
        const columns = await columnsOf(call, runId, metric_key);
        const order = historyOrder(columns).subarray(0, Math.max(0, left));
        left -= order.length;
        if (order.length > 0) pieces.push(pointsJson(metric_key, columns, order, runId));
      }
      return new RawJson(`{"metrics":[${pieces.join(",")}]}`);
    },
  }),
  defineMlflow({
    name: "getMetricHistoryBulkInterval",
    method: "GET",
    path: "metrics/get-history-bulk-interval",
    access: "run",
    fields: { run_ids: list(text), metric_key: required(text), start_step: integer, end_step: integer, max_results: integer },
    async act(call) {
      const { run_ids: runIds = [], metric_key, start_step, end_step, max_results = MOST_PER_RUN } = call.input;
      if (runIds.length === 0) throw invalid("Missing value for required parameter 'run_ids'.");
      if (runIds.length > MOST_RUNS) {
        throw invalid(`GetMetricHistoryBulkInterval request must specify at most ${MOST_RUNS} run_ids. Received ${runIds.length} run_ids.`);
      }
      if (max_results < 1 || max_results > MOST_PER_RUN) throw invalid(`max_results must be between 1 and ${MOST_PER_RUN}.`);
      checkSteps(start_step, end_step);
      const pieces: string[] = [];
      for (const runId of runIds) {
        const { id } = await runOf(call, runId);
        const columns = await columnsOf(call, id, metric_key);
        const order = evenSample(stepOrder(columns, start_step, end_step), max_results);
        if (order.length > 0) pieces.push(pointsJson(metric_key, columns, order, runId));
      }
      return new RawJson(`{"metrics":[${pieces.join(",")}]}`);
    },
  }),
];

const NONE: NumberColumns = { values: new Float64Array(), steps: new Float64Array(), times: new Float64Array() };

/** A run without the metric has an empty history; one that is not there is an error. */
async function columnsOf(call: MlflowCall<unknown>, runId: string, name: string): Promise<NumberColumns> {
  const columns = await call.parts.store.metrics.numbers(runId, name);
  const run = await call.parts.store.runs.get(runId);
  if (run?.workspace !== call.workspace) await runOf(call, runId); // says that it is not there
  return columns ?? NONE;
}

function checkSteps(start: number | undefined, end: number | undefined): void {
  if ((start === undefined) !== (end === undefined))
    throw invalid("If either start step or end step are specified, both must be specified.");
  if (start !== undefined && end !== undefined && start > end) {
    throw invalid(`end_step must be greater than start_step. Found start_step=${start} and end_step=${end}.`);
  }
}

/** Written by hand: a history may have 100,000 points, and objects for each of them would cost more than all else. */
function pointsJson(key: string, { values, steps, times }: NumberColumns, order: Uint32Array, runId?: string): string {
  const head = `{"key":${JSON.stringify(key)},"value":`;
  const tail = runId === undefined ? "}" : `,"run_id":${JSON.stringify(runId)}}`;
  const points = new Array<string>(order.length);
  for (let at = 0; at < order.length; at++) {
    const index = order[at] as number;
    const value = values[index] as number;
    points[at] = `${head}${Number.isFinite(value) ? value : `"${value}"`},"timestamp":${times[index]},"step":${steps[index]}${tail}`;
  }
  return points.join(",");
}
