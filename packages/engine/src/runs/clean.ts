import { Conflict, NotFound } from "@switchyard/protocol";
import type { RunRecord } from "@switchyard/store";
import type { EngineContext } from "../context.ts";

/** The jobs of an ended run whose directories are still on their compute. */
export function jobsLeftOf({ removedAt, jobId, handle, left }: RunRecord): string[] {
  if (removedAt !== null) return [];
  const earlier = left.map((job) => (job.handle as { jobId?: string }).jobId ?? "");
  return [...new Set([...(handle !== null && jobId !== null ? [jobId] : []), ...earlier])];
}

/** Records the wish that what an ended run left on its compute goes now. Throws Conflict for a run that is not over. */
export async function cleanRun({ store, clock }: EngineContext, runId: string): Promise<RunRecord> {
  for (;;) {
    const was = await store.runs.get(runId);
    if (was === undefined) throw new NotFound(`There is no run "${runId}".`);
    if (was.state !== "ended") {
      throw new Conflict(`Run ${runId} is not over, and needs its files. Cancel it first, or wait for its end.`);
    }
    if (was.cleanRequestedAt || jobsLeftOf(was).length === 0) return was;
    const next = { ...was, cleanRequestedAt: clock.now() };
    const told = { at: clock.now(), attempt: null, what: "clean_requested", detail: null };
    if (await store.runs.replace(was, next, [told])) return { ...next, version: was.version + 1 };
  }
}
