import type { EndedEvent } from "@switchyard/protocol";
import type { RunRecord } from "@switchyard/store";

/** How far a file was taken, and how many of its lines could not be read. */
export interface TakenFile {
  readonly offset: number;
  readonly linesSkipped: number;
}

/** What stands in the way of a run on the server's own side, for `why`. */
export interface Trouble {
  readonly since: Date;
  readonly message: string;
  readonly code: string;
}

/**
 * What the reconciler remembers about a run between two looks. All of it can be read again from the store and the
 * compute: it only saves time.
 */
export interface Watch {
  readonly id: string;
  record: RunRecord;
  /** by `cursorKey`; null when they have to be loaded */
  cursors: Map<`${number}/${string}`, TakenFile> | null;
  /** the last event of attempts that ended; null when they have to be loaded */
  endings: Map<number, EndedEvent> | null;
  /** the store holds a newer record than this one */
  stale: boolean;
  busy: boolean;
  /** someone rang while it was busy */
  woken: boolean;
  /** on the monotonic clock */
  dueAt: number;
  pauseMs: number;
  /** telling the compute to stop the run goes on beside the looks: it may take as long as the run's own grace */
  canceling: "no" | "under way" | "done";
  /** on the monotonic clock: not to be tried before */
  cancelAgainAt: number;
  /** the same for a run that has to leave its place; `done` until its attempt is over */
  vacating: "no" | "under way" | "done";
  /** the same for the first of the jobs that earlier attempts left */
  leaving: "no" | "under way" | "done";
  leaveAgainAt: number;
  /** a journal line is longer than a shared look brings: it needs a look of its own */
  hungry: boolean;
  /** everything that grew is home: outputs may be collected */
  drained: boolean;
  /** since when (monotonic) an ended attempt's files did not grow although bytes are missing */
  dryingSince: number | null;
  /** outputs that this process began to bring home */
  readonly collected: Set<string>;
  /** outputs that cannot be read, and since when (monotonic) */
  readonly failing: Map<string, number>;
  readonly warnings: Set<string>;
  trouble: Trouble | null;
  /** where the run stood when others were last told: who has nodes for it */
  told: string;
}

/** A run seen for the first time, to be looked at at once. */
export function newWatch(record: RunRecord, dueAt: number): Watch {
  return {
    id: record.id,
    record,
    cursors: null,
    endings: null,
    stale: false,
    busy: false,
    woken: false,
    dueAt,
    pauseMs: 0,
    canceling: "no",
    cancelAgainAt: 0,
    vacating: "no",
    leaving: "no",
    leaveAgainAt: 0,
    hungry: false,
    drained: false,
    dryingSince: null,
    collected: new Set(),
    failing: new Map(),
    warnings: new Set(),
    trouble: null,
    told: "",
  };
}

/** Forgets what concerns the attempt that is over, when another one follows. */
export function beginAnew(watch: Watch): void {
  watch.drained = false;
  watch.dryingSince = null;
  watch.hungry = false;
  watch.canceling = "no";
  watch.vacating = "no";
  watch.collected.clear();
  watch.failing.clear();
}

/** How the store names a file of an attempt among a run's cursors. */
export function cursorKey(attempt: number, file: string): `${number}/${string}` {
  return `${attempt}/${file}`;
}

/** The attempt and the file that a cursor's key names. */
export function parseCursorKey(key: string): { attempt: number; file: string } {
  const slash = key.indexOf("/");
  return { attempt: Number(key.slice(0, slash)), file: key.slice(slash + 1) };
}

/** Forgets what was read from the store, after somebody else wrote to it. */
export function forget(watch: Watch): void {
  watch.stale = true;
  watch.cursors = null;
}
