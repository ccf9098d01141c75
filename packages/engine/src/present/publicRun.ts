import { type JsonValue, type Run, type RunStatus, statusOf } from "@switchyard/protocol";
import type { RunRecord, RunView } from "@switchyard/store";

/** The status people see of a run. */
export function statusOfRun(run: RunRecord): RunStatus {
  return statusOf({ ...run, unreachable: run.unreachableSince !== null });
}

/** A run as every list, page and `-o json` shows it. */
export function publicRun(view: RunView): Run {
  const { record } = view;
  return {
    runId: record.id,
    number: record.number,
    displayName: record.displayName,
    description: record.description,
    workspace: record.workspace,
    experimentName: record.experiment,
    parentRunId: record.parentId,
    rootRunId: record.rootId,
    runType: record.type,
    target: record.target,
    status: statusOfRun(record),
    error: record.error,
    warnings: [...record.warnings],
    submittedBy: record.submittedBy,
    createdUtc: record.createdAt.toISOString(),
    startTimeUtc: record.startedAt?.toISOString() ?? null,
    endTimeUtc: record.endedAt?.toISOString() ?? null,
    cancelRequestedUtc: record.cancelRequestedAt?.toISOString() ?? null,
    tags: { ...view.tags },
    properties: { ...view.properties },
    params: { ...view.params },
    metrics: { ...view.metrics },
    attempts: [...record.attempts],
    snapshotId: record.snapshotId,
    environment: environmentOf(record),
    inputDatasets: datasetsIn(record, "data"),
    outputDatasets: datasetsIn(record, "outputData"),
  };
}

function environmentOf(record: RunRecord): Run["environment"] {
  const { environmentName: name, environmentVersion: version } = record;
  return name === null || version === null ? null : { name, version };
}

/** The data sections of the configuration, each with its name. */
function datasetsIn(record: RunRecord, section: "data" | "outputData"): JsonValue[] {
  const entries = record.definition[section];
  if (typeof entries !== "object" || entries === null || Array.isArray(entries)) return [];
  return Object.entries(entries).map(([name, value]) => ({ name, value: value as JsonValue }));
}
