import { Conflict, NotFound } from "@switchyard/protocol";
import type { EngineContext } from "../context.ts";
import { cursorKey } from "../reconciler/watch.ts";
import { lastAttempt } from "../runs/attempts.ts";
import { harvestedBy } from "./batch.ts";
import { Harvest } from "./harvest.ts";
import { cutLines } from "./lines.ts";
import { parseRecord } from "./records.ts";

const TRIES = 20;

/**
 * Takes journal lines that came over HTTP from a writer without a run directory. A record is known by its writer and
 * number, so lines that are sent again are taken once. Returns the number of the last record taken.
 */
export async function takeJournal(context: EngineContext, runId: string, writer: string, bytes: Uint8Array): Promise<number> {
  const { lines, skippedLines } = cutLines(bytes, true);
  const file = `http/${writer}`;
  for (let attempt = 0; attempt < TRIES; attempt += 1) {
    const run = await context.store.runs.get(runId);
    if (run === undefined) throw new NotFound(`There is no run "${runId}".`);
    const number = lastAttempt(run.attempts)?.number ?? 1;
    const cursors = await context.store.telemetry.cursors(runId);
    const was = cursors.get(cursorKey(number, file))?.offset ?? 0;
    const { harvest, now, skipped } = readFrom(lines, was, writer);
    if (now === was) return was;
    const move = { attempt: number, file, was, now, linesSkipped: skipped + skippedLines };
    const failed =
      harvest.failure !== null && run.state !== "ended" ? { record: { was: run, next: { ...run, failure: harvest.failure } } } : {};
    const batch = { runId, cursors: [move], ...harvestedBy(new Map([[number, harvest]])), ...failed };
    if ((await context.store.telemetry.take(batch)) === "taken") return now;
  }
  throw new Conflict(`The journal of writer "${writer}" of run ${runId} is being written by somebody else. Send the lines again.`);
}

function readFrom(lines: readonly string[], was: number, writer: string): { harvest: Harvest; now: number; skipped: number } {
  const harvest = new Harvest();
  let now = was;
  let skipped = 0;
  for (const line of lines) {
    if (line.trim() === "") continue;
    const record = parseRecord(line);
    if (record === null) skipped += 1;
    else if (record.n > now) {
      harvest.add(record, writer);
      now = record.n;
    }
  }
  return { harvest, now, skipped };
}
