import type { Observation } from "@switchyard/compute";
import { type EndedEvent, failPoint, NotFound, RangeNotSatisfiable } from "@switchyard/protocol";
import type { NewTimelineEntry, RunRecord } from "@switchyard/store";
import { allOf } from "../bytes.ts";
import type { EngineContext } from "../context.ts";
import { storagePathOf } from "../present/runFiles.ts";
import { toldByChange } from "../reconciler/save.ts";
import { cursorKey, forget, parseCursorKey, type Watch } from "../reconciler/watch.ts";
import { afterEvents } from "../runs/afterEvents.ts";
import { hasEnded } from "../runs/attempts.ts";
import { withClock } from "../runs/clocks.ts";
import { batchOf } from "./batch.ts";
import { type Reading, readGrowth } from "./growth.ts";
import { writeProcessFiles } from "./processFiles.ts";
import { parseEvent } from "./records.ts";
import { storeBytes } from "./storeBytes.ts";

/** `grew`: something was stored; `stale`: somebody else wrote meanwhile, nothing was stored. */
export type Taken = "nothing" | "grew" | "stale";

/**
 * Takes what a look brought: bytes into artifacts at their offsets first, then everything else, the cursors and what is
 * now believed about the run in one transaction. Whatever is repeated after a crash finds itself already done.
 */
export async function takeObservation(
  context: EngineContext,
  watch: Watch,
  seen: Observation,
  decide: (run: RunRecord) => RunRecord,
): Promise<Taken> {
  const { cursors, endings } = await loadProgress(context, watch);
  const fresh = seen.grown.filter((growth) => growth.offset === (cursors.get(cursorKey(growth.attempt, growth.file))?.offset ?? 0));
  try {
    const reading = readGrowth(fresh, endings);
    watch.hungry = reading.hungry;
    return await takeReading(context, watch, seen, reading, decide);
  } catch (error) {
    watch.endings = null; // may hold an ending that was not stored
    throw error;
  }
}

async function takeReading(
  context: EngineContext,
  watch: Watch,
  seen: Observation,
  reading: Reading,
  decide: (run: RunRecord) => RunRecord,
): Promise<Taken> {
  await writeBytes(context, watch, reading);
  const was = watch.record;
  const told = recordAfter(withClock(was, seen), reading);
  const next = decide(told.run);
  if (reading.moves.length === 0 && next === was) return reading.more ? "grew" : "nothing";
  if (was.state !== "collecting" && next.state === "collecting") failPoint("exit.before-state-saved");
  failPoint("take.before-commit");
  const timeline = [...told.timeline, ...toldByChange(was, next, context.clock.now())];
  const taken = await context.store.telemetry.take(batchOf(watch, reading, next === was ? null : { was, next }, timeline));
  if (taken === "stale") {
    forget(watch);
    watch.endings = null;
    return "stale";
  }
  failPoint("take.after-commit");
  remember(watch, reading, next);
  return "grew";
}

function recordAfter(was: RunRecord, reading: Reading): { run: RunRecord; timeline: NewTimelineEntry[] } {
  let run = was;
  const timeline: NewTimelineEntry[] = [];
  for (const { attempt, event } of reading.events) {
    const after = afterEvents(run, attempt, [event]);
    run = after.run;
    timeline.push(...after.timeline);
  }
  const failure = [...reading.harvests.values()].findLast((harvest) => harvest.failure !== null)?.failure ?? null;
  return { run: failure === null ? run : { ...run, failure }, timeline };
}

async function writeBytes(context: EngineContext, watch: Watch, reading: Reading): Promise<void> {
  if (reading.bytes.length === 0) return;
  failPoint("take.before-log-bytes");
  for (const piece of reading.bytes) await storeBytes(context, watch, piece);
  await writeProcessFiles(context, watch, reading.events);
  failPoint("take.after-log-bytes");
}

function remember(watch: Watch, reading: Reading, next: RunRecord): void {
  if (next !== watch.record) watch.record = { ...next, version: watch.record.version + 1 };
  for (const move of reading.moves) {
    const key = cursorKey(move.attempt, move.file);
    const skipped = (watch.cursors?.get(key)?.linesSkipped ?? 0) + (reading.linesSkipped.get(move) ?? 0);
    watch.cursors?.set(key, { offset: move.now, linesSkipped: skipped });
  }
}

/** How far a run was taken, from memory or from the store. */
export async function loadProgress(context: EngineContext, watch: Watch) {
  watch.cursors ??= new Map(await context.store.telemetry.cursors(watch.id));
  watch.endings ??= await loadEndings(context, watch);
  return { cursors: watch.cursors, endings: watch.endings };
}

/** The last events of ended attempts, out of the events that were taken. */
async function loadEndings({ artifacts }: EngineContext, watch: Watch): Promise<Map<number, EndedEvent>> {
  const endings = new Map<number, EndedEvent>();
  const known = new Set(watch.record.attempts.filter(hasEnded).map((attempt) => attempt.number));
  for (const [key, { offset }] of watch.cursors ?? []) {
    const { attempt, file } = parseCursorKey(key);
    if (file !== "events.jsonl" || !known.has(attempt) || offset === 0) continue;
    const read = allOf(artifacts.runFiles.read(watch.id, storagePathOf(attempt, file), { start: 0, end: offset }));
    const bytes = await read.catch(noneIfLost);
    for (const line of bytes.toString("utf8").split("\n")) {
      const event = line === "" ? null : parseEvent(line);
      if (event?.kind === "ended") endings.set(attempt, event);
    }
  }
  return endings;
}

/** Events that the storage has lost say nothing: the run then ends by what its driver saw. */
function noneIfLost(error: unknown): Buffer {
  if (error instanceof NotFound || error instanceof RangeNotSatisfiable) return Buffer.alloc(0);
  throw error;
}
