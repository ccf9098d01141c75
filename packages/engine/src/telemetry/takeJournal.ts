import { Conflict, type JournalRecord, NotFound } from "@switchyard/protocol";
import type { EngineContext } from "../context.ts";
import { cursorKey } from "../reconciler/watch.ts";
import { lastAttempt } from "../runs/attempts.ts";
import { isCarried } from "../runs/carried.ts";
import { endInteractive, type InteractiveEnd } from "../submit/interactive.ts";
import { harvestedBy } from "./batch.ts";
import { failureOf, Harvest } from "./harvest.ts";
import { cutLines } from "./lines.ts";
import { parseRecord } from "./records.ts";

const TRIES = 20;

/**
 * Takes journal lines that came over HTTP from a writer without a run directory. A record is known by its writer and
 * number, so lines that are sent again are taken once. Returns the number of the last record taken.
 */
export async function takeJournal(context: EngineContext, runId: string, writer: string, bytes: Uint8Array): Promise<number> {
  const { lines, skippedLines } = cutLines(bytes, true);
  const { taken, ending } = await takeLines(context, runId, writer, lines, skippedLines);
  if (ending !== null) await endAsItsExecutorSays(context, runId, ending);
  return taken;
}

/** A run that somebody else executes ends by its journal's word. Said again by a repeated batch, in case the end was not kept before. */
async function endAsItsExecutorSays(context: EngineContext, runId: string, ending: InteractiveEnd): Promise<void> {
  const run = await context.store.runs.get(runId);
  if (run === undefined || run.state === "ended" || isCarried(run)) return;
  try {
    await endInteractive(context, runId, ending);
  } catch (error) {
    if (!(error instanceof Conflict)) throw error; // it was ended in another way meanwhile: that counts
  }
}

interface Taken {
  readonly taken: number;
  readonly ending: InteractiveEnd | null;
}

async function takeLines(
  context: EngineContext,
  runId: string,
  writer: string,
  lines: readonly string[],
  skippedLines: number,
): Promise<Taken> {
  const file = `http/${writer}`;
  for (let attempt = 0; attempt < TRIES; attempt += 1) {
    const run = await context.store.runs.get(runId);
    if (run === undefined) throw new NotFound(`There is no run "${runId}".`);
    const number = lastAttempt(run.attempts)?.number ?? 1;
    const cursors = await context.store.telemetry.cursors(runId);
    const was = cursors.get(cursorKey(number, file))?.offset ?? 0;
    const { harvest, now, skipped, ending } = readFrom(lines, was, writer);
    if (now === was) return { taken: was, ending };
    const move = { attempt: number, file, was, now, linesSkipped: skipped + skippedLines };
    const failed =
      harvest.failure !== null && run.state !== "ended" ? { record: { was: run, next: { ...run, failure: harvest.failure } } } : {};
    const batch = { runId, cursors: [move], ...harvestedBy(new Map([[number, harvest]])), ...failed };
    if ((await context.store.telemetry.take(batch)) === "taken") return { taken: now, ending };
  }
  throw new Conflict(`The journal of writer "${writer}" of run ${runId} is being written by somebody else. Send the lines again.`);
}

interface ReadLines {
  readonly harvest: Harvest;
  readonly now: number;
  readonly skipped: number;
  /** the first word on how the run itself ends, in known lines too */
  readonly ending: InteractiveEnd | null;
}

function readFrom(lines: readonly string[], was: number, writer: string): ReadLines {
  const harvest = new Harvest();
  let ending: InteractiveEnd | null = null;
  let now = was;
  let skipped = 0;
  for (const line of lines) {
    if (line.trim() === "") continue;
    const record = parseRecord(line);
    if (record !== null) ending ??= endingIn(record);
    if (record === null) skipped += 1;
    else if (record.n > now) {
      harvest.add(record, writer);
      now = record.n;
    }
  }
  return { harvest, now, skipped, ending };
}

function endingIn(record: JournalRecord): InteractiveEnd | null {
  if (record.k !== "complete" && record.k !== "fail") return null;
  if (record.run !== undefined) return null; // a child's, which the harvest ends
  return record.k === "complete" ? { status: "Completed" } : { status: "Failed", error: failureOf(record.code, record.message) };
}
