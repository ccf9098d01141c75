import type { ArtifactStorage } from "@switchyard/artifacts";
import type { RunDetails } from "@switchyard/protocol";
import type { RunView } from "@switchyard/store";
import { lastAttempt } from "../runs/attempts.ts";
import { publicRun } from "./publicRun.ts";
import { listLogs } from "./runFiles.ts";

/** One run with its full configuration and its log files; `urlOf` says where a file of the run can be read. */
export async function runDetails(artifacts: ArtifactStorage, view: RunView, urlOf: (path: string) => string): Promise<RunDetails> {
  const logs = await listLogs(artifacts, view.record.id, lastAttempt(view.record.attempts)?.number ?? 0);
  return {
    ...publicRun(view),
    runDefinition: view.record.definition,
    logFiles: Object.fromEntries(logs.map((path) => [path, urlOf(path)])),
  };
}
