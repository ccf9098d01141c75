import type { RunRecord } from "@switchyard/store";
import type { EngineContext } from "../context.ts";
import { endOpenChildren } from "./endOpenChildren.ts";

/**
 * Ends what only a run that goes on may have: children without an end, its tokens and, unless `history.snapshotProject` says to keep it, the
 * snapshot of its code, whose blobs `gc` then frees. Done again it changes nothing.
 */
export async function letGo(context: EngineContext, run: RunRecord): Promise<void> {
  const { store } = context;
  if (run.state === "ended") await endOpenChildren(context, run);
  await store.tokens.revokeOfRun(run.id);
  if (run.snapshotId !== null && !keepsSnapshot(run)) await store.snapshots.removeUnlessNeeded(run.snapshotId, run.id);
}

/** Whether a run's code stays with it. */
export function keepsSnapshot(run: RunRecord): boolean {
  return (run.definition.history as { snapshotProject?: unknown } | undefined)?.snapshotProject !== false;
}
