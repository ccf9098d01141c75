import type { NewTimelineEntry, RunRecord } from "@switchyard/store";
import type { EngineContext } from "../context.ts";
import { forget, type Watch } from "./watch.ts";

/** Saves what was decided. False when somebody wrote meanwhile: the watch then loads again before it decides anew. */
export async function save(
  { store }: EngineContext,
  watch: Watch,
  next: RunRecord,
  timeline: readonly NewTimelineEntry[] = [],
): Promise<boolean> {
  if (next === watch.record && timeline.length === 0) return true;
  const saved = await store.runs.replace(watch.record, next, timeline);
  if (saved) watch.record = { ...next, version: watch.record.version + 1 };
  else forget(watch);
  return saved;
}

/** Loads the record again when it may be out of date. False when the run is no more. */
export async function refresh({ store }: EngineContext, watch: Watch): Promise<boolean> {
  if (!watch.stale) return true;
  watch.stale = false;
  const record = await store.runs.get(watch.id);
  if (record === undefined) return false;
  if (record.version !== watch.record.version) watch.record = record;
  return true;
}

/** What changed between two records, for the timeline. */
export function toldByChange(was: RunRecord, next: RunRecord, now: Date): NewTimelineEntry[] {
  const told: NewTimelineEntry[] = [];
  const attempt = next.attempts.at(-1)?.number ?? null;
  const tell = (what: string, detail: string | null = null) => told.push({ at: now, attempt, what, detail });
  if (was.unreachableSince === null && next.unreachableSince !== null) tell("unreachable", `since ${next.unreachableSince.toISOString()}`);
  if (was.unreachableSince !== null && next.unreachableSince === null && next.state !== "ended") tell("reachable");
  if (was.missingSince === null && next.missingSince !== null) tell("missing");
  if (was.missingSince !== null && next.missingSince === null && next.state !== "ended") tell("found");
  if (was.state !== "queued" && next.state === "queued")
    tell("queued", next.handle === null ? `again${elsewhere(was, next)}, because its job was lost` : "the compute starts it again");
  if (was.state !== "ended" && next.state === "ended")
    tell("ended", next.error === null ? next.outcome : `${next.outcome}: ${next.error.message}`);
  return told;
}

const elsewhere = (was: RunRecord, next: RunRecord): string => (was.target === next.target ? "" : ` at "${next.target}"`);
