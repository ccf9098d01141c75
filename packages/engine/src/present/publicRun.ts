import { type Run, type RunStatus, statusOf } from "@switchyard/protocol";
import type { RunRecord, RunView } from "@switchyard/store";
import { inputDatasets, outputDatasets } from "../data/presentData.ts";

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
    inputDatasets: inputDatasets(view.data),
    outputDatasets: outputDatasets(view.data),
  };
}

function environmentOf(record: RunRecord): Run["environment"] {
  const { environmentName: name, environmentVersion: version } = record;
  return name === null || version === null ? null : { name, version };
}
