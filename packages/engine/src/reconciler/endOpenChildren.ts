import type { RunRecord } from "@switchyard/store";
import type { EngineContext } from "../context.ts";
import { CHILD_RUN } from "../runs/carried.ts";
import { type Ending, end } from "../runs/transitions.ts";
import { toldByChange } from "./save.ts";

/**
 * Ends the children that a script made in its journal and left open. The journal has been read to its end, so nobody
 * else will: they complete with a run that succeeded, and otherwise share its fate.
 */
export async function endOpenChildren({ store, clock }: EngineContext, run: RunRecord): Promise<void> {
  for (const child of await store.runs.children(run.id, true)) {
    if (child.state === "ended" || child.type !== CHILD_RUN || child.attempts.length > 0 || child.jobId !== null) continue;
    const next = { ...end(child, endingAfter(run, clock.now())), removedAt: clock.now() };
    await store.runs.replace(child, next, toldByChange(child, next, clock.now())); // false: somebody else ends it
  }
}

function endingAfter({ id, outcome, endedAt }: RunRecord, now: Date): Ending {
  const at = { endedAt: endedAt ?? now };
  if (outcome === "succeeded" || outcome === "canceled") return { outcome, error: null, ...at };
  return {
    outcome: "failed",
    error: { code: "ParentEnded", message: `The script of run ${id} ended before it completed this child.` },
    ...at,
  };
}
