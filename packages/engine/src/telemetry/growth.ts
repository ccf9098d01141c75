import type { Growth } from "@switchyard/compute";
import { type EndedEvent, isEvents, isJournal, isLog, type JobEvent } from "@switchyard/protocol";
import { Harvest } from "./harvest.ts";
import { cutLines } from "./lines.ts";
import { parseEvent, parseRecord } from "./records.ts";

/** A cursor that moves, as the store is told. */
export interface CursorMove {
  readonly attempt: number;
  readonly file: string;
  readonly was: number;
  readonly now: number;
}

/** What a look brought, read but not stored yet. */
export interface Reading {
  /** by attempt */
  readonly harvests: ReadonlyMap<number, Harvest>;
  readonly moves: readonly CursorMove[];
  /** bytes to be written into artifacts before the cursors move */
  readonly bytes: readonly { readonly attempt: number; readonly file: string; readonly offset: number; readonly bytes: Uint8Array }[];
  readonly events: readonly { readonly attempt: number; readonly event: JobEvent }[];
  /** by cursor move: lines that hold no record */
  readonly linesSkipped: ReadonlyMap<CursorMove, number>;
  /** a journal line did not fit into this look */
  readonly hungry: boolean;
  /** something was left for the next look */
  readonly more: boolean;
}

/**
 * Reads what files have grown by: log bytes as they are, journals and events at line ends. `endings` holds the last
 * event of attempts known to have ended and gets those found here: only they tell that a last line without end is final.
 */
export function readGrowth(grown: readonly Growth[], endings: Map<number, EndedEvent>): Reading {
  const reader = new GrowthReader(endings);
  const eventsFirst = [...grown].sort((a, b) => Number(isEvents(b.file)) - Number(isEvents(a.file)));
  for (const growth of eventsFirst) reader.read(growth);
  return reader;
}

class GrowthReader implements Reading {
  readonly harvests = new Map<number, Harvest>();
  readonly moves: CursorMove[] = [];
  readonly bytes: { attempt: number; file: string; offset: number; bytes: Uint8Array }[] = [];
  readonly events: { attempt: number; event: JobEvent }[] = [];
  readonly linesSkipped = new Map<CursorMove, number>();
  hungry = false;
  more = false;
  readonly #endings: Map<number, EndedEvent>;

  constructor(endings: Map<number, EndedEvent>) {
    this.#endings = endings;
  }

  read(growth: Growth): void {
    this.more ||= growth.more;
    if (growth.bytes.length === 0) return;
    if (isEvents(growth.file)) this.#readEvents(growth);
    else if (isJournal(growth.file)) this.#readJournal(growth);
    else if (isLog(growth.file)) this.#move(growth, growth.bytes.length, true);
  }

  #readEvents(growth: Growth): void {
    const { lines, taken, skippedLines } = cutLines(growth.bytes, false);
    let skipped = skippedLines;
    for (const line of lines) {
      if (isBlank(line)) continue;
      const event = parseEvent(line);
      if (event === null) skipped += 1;
      else this.events.push({ attempt: growth.attempt, event });
      if (event?.kind === "ended") this.#endings.set(growth.attempt, event);
    }
    this.#move(growth, taken, true, skipped);
  }

  #readJournal(growth: Growth): void {
    const finalSize = this.#endings.get(growth.attempt)?.files[growth.file];
    const isFinal = finalSize !== undefined && growth.offset + growth.bytes.length >= finalSize && !growth.more;
    const cut = cutLines(growth.bytes, isFinal);
    const writer = growth.file.slice("journal/".length, -".jsonl".length);
    const harvest = this.harvests.get(growth.attempt) ?? new Harvest();
    this.harvests.set(growth.attempt, harvest);
    let skipped = cut.skippedLines;
    for (const line of cut.lines) {
      if (isBlank(line)) continue;
      const record = parseRecord(line);
      if (record === null) skipped += 1;
      else harvest.add(record, writer);
    }
    if (cut.taken === 0 && growth.more) this.hungry = true;
    this.#move(growth, cut.taken, false, skipped);
  }

  #move(growth: Growth, taken: number, keep: boolean, skipped = 0): void {
    if (taken === 0) return;
    const { attempt, file, offset } = growth;
    const move = { attempt, file, was: offset, now: offset + taken };
    this.moves.push(move);
    if (skipped > 0) this.linesSkipped.set(move, skipped);
    if (keep) this.bytes.push({ attempt, file, offset, bytes: growth.bytes.subarray(0, taken) });
  }
}

function isBlank(line: string): boolean {
  return line === "" || line.trim() === "";
}
