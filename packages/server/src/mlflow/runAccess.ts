import type { TrackedRun } from "@switchyard/store";
import { requireOwnRun } from "../http/access.ts";
import { missing } from "./errors.ts";
import type { MlflowCall } from "./operation.ts";

type Asked = Pick<MlflowCall<unknown>, "parts" | "workspace" | "caller">;

/** Throws unless the caller may touch this run: a run's own token may touch that run and its descendants. */
export async function requireRun({ parts, caller }: Asked, runId: string): Promise<void> {
  if (caller.scope === "run") await requireOwnRun(caller, runId, parts.access);
}

/** The run that a request is about, if it is there and the caller may touch it. */
export async function runOf(call: Asked, runId: string): Promise<TrackedRun> {
  await requireRun(call, runId);
  const run = await call.parts.store.tracking.run(call.workspace, runId);
  if (run === undefined) throw missing(`Run with id=${runId} not found`);
  return run;
}
