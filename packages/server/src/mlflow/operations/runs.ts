import { randomUUID } from "node:crypto";
import { PARENT_TAG, RUN_NAME_TAG } from "@switchyard/store";
import { checkKey, checkValue } from "../checks.ts";
import { invalid } from "../errors.ts";
import { integer, list, oneOf, required, text } from "../fields.ts";
import { defineMlflow } from "../operation.ts";
import { randomRunName } from "../randomRunName.ts";
import { requireRun, runOf } from "../runAccess.ts";
import { wireRun, wireRunInfo } from "../wire.ts";
import { maxResultsOf, pairs, VIEW_TYPES } from "./experiments.ts";

const STATUSES = ["RUNNING", "SCHEDULED", "FINISHED", "FAILED", "KILLED"] as const;

export const runOperations = [
  defineMlflow({
    name: "createRun",
    method: "POST",
    path: "runs/create",
    access: "run",
    fields: { experiment_id: text, user_id: text, run_name: text, start_time: integer, tags: pairs },
    async act(call) {
      const { parts, workspace, caller, input } = call;
      const { store, engine } = parts;
      const tags = Object.fromEntries((input.tags ?? []).map(({ key, value }) => [key, value ?? ""]));
      for (const [key, value] of Object.entries(tags)) {
        checkKey(key, "key");
        checkValue(value, "value");
      }
      const named = tags[RUN_NAME_TAG];
      if (input.run_name && named && input.run_name !== named) {
        throw invalid(
          `Both 'run_name' argument and 'mlflow.runName' tag are specified, but with different values ('${input.run_name}', '${named}').`,
        );
      }
      const experiment = await store.trackedExperiments.get(workspace, input.experiment_id || "0");
      if (experiment.deletedAt !== null) {
        throw invalid(`The experiment ${input.experiment_id} must be in the 'active' state. Current state is deleted. Restore it first.`);
      }
      const displayName = input.run_name || named || randomRunName();
      const parentRunId = await parentOf(call, tags[PARENT_TAG]);
      const { id } = await engine.startTracked(workspace, {
        runId: randomUUID().replaceAll("-", ""),
        experimentName: experiment.name,
        displayName,
        parentRunId,
        submittedBy: input.user_id || caller.user,
        startedAt: dateOf(input.start_time, "start_time") ?? new Date(),
        tags: { ...tags, [RUN_NAME_TAG]: displayName },
      });
      return { run: wireRun(await runOf(call, id)) };
    },
  }),
  defineMlflow({
    name: "getRun",
    method: "GET",
    path: "runs/get",
    access: "run",
    fields: { run_id: required(text) },
    async act(call) {
      return { run: wireRun(await runOf(call, call.input.run_id)) };
    },
  }),
  defineMlflow({
    name: "updateRun",
    method: "POST",
    path: "runs/update",
    access: "run",
    fields: { run_id: required(text), status: oneOf(STATUSES), end_time: integer, run_name: text },
    async act(call) {
      const { parts, workspace, input } = call;
      await requireActive(call, input.run_id);
      if (input.status !== undefined || input.end_time !== undefined) {
        await parts.engine.changeTracked(input.run_id, { status: input.status ?? null, endedAt: dateOf(input.end_time, "end_time") });
      }
      if (input.run_name) {
        checkValue(input.run_name, "run_name");
        await parts.store.tracking.log(workspace, input.run_id, { tags: [{ name: RUN_NAME_TAG, value: input.run_name }] });
      }
      return { run_info: wireRunInfo(await runOf(call, input.run_id)) };
    },
  }),
  defineMlflow({
    name: "deleteRun",
    method: "POST",
    path: "runs/delete",
    access: "user",
    fields: { run_id: required(text) },
    async act({ parts, workspace, input }) {
      await parts.store.tracking.setDeleted(workspace, input.run_id, new Date());
      return {};
    },
  }),
  defineMlflow({
    name: "restoreRun",
    method: "POST",
    path: "runs/restore",
    access: "user",
    fields: { run_id: required(text) },
    async act({ parts, workspace, input }) {
      await parts.store.tracking.setDeleted(workspace, input.run_id, null);
      return {};
    },
  }),
  defineMlflow({
    name: "searchRuns",
    method: "POST",
    path: "runs/search",
    access: "run",
    fields: {
      experiment_ids: list(text),
      filter: text,
      run_view_type: oneOf(VIEW_TYPES),
      max_results: integer,
      order_by: list(text),
      page_token: text,
    },
    async act({ parts, workspace, caller, input }) {
      const { runs, next } = await parts.store.tracking.search(workspace, {
        experiments: await parts.store.trackedExperiments.namesOf(workspace, input.experiment_ids ?? []),
        filter: input.filter,
        orderBy: input.order_by,
        view: input.run_view_type ?? "ACTIVE_ONLY",
        limit: maxResultsOf(input.max_results, 1000),
        pageToken: input.page_token,
        within: caller.runId ?? undefined,
      });
      return { runs: runs.map(wireRun), ...(next !== null && { next_page_token: next }) };
    },
  }),
];

/** Throws when the run is not there, or deleted. */
async function requireActive(call: Parameters<typeof runOf>[0], runId: string): Promise<void> {
  const run = await runOf(call, runId);
  if (run.deletedAt !== null) throw invalid(`The run ${runId} must be in the 'active' state. Current state is deleted. Restore it first.`);
}

/** The parent that a tag names, when it is a run of this workspace; with a run's own token a new run is always below that run. */
async function parentOf(call: Parameters<typeof runOf>[0], named: string | undefined): Promise<string | null> {
  const { parts, workspace, caller } = call;
  if (named === undefined) return caller.runId;
  const parent = await parts.store.runs.get(named);
  if (parent === undefined || parent.workspace !== workspace) return caller.runId;
  await requireRun(call, named);
  return named;
}

const LATEST = 8_640_000_000_000_000;

function dateOf(millis: number | undefined, name: string): Date | null {
  if (millis === undefined) return null;
  if (Math.abs(millis) <= LATEST) return new Date(millis);
  throw invalid(`Invalid value ${millis} for parameter '${name}' supplied. It is to be milliseconds since 1970.`);
}
