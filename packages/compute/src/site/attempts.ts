import { join } from "node:path";
import { ATTEMPT_LAYOUT, type EndedEvent, jobEvent } from "@switchyard/protocol";
import type { FolderCache, Listing } from "./folderCache.ts";
import type { ProcessId } from "./processes.ts";
import { readText } from "./readText.ts";
import { attemptsFolder } from "./siteFolders.ts";

/** The processes that carry an attempt, as its `pids` file names them. */
export interface AttemptProcesses {
  readonly supervisor: ProcessId;
  readonly waiter: ProcessId;
  readonly script: ProcessId;
  readonly bootId: string | null;
}

/** One attempt of a job as it lies on disk. */
export interface AttemptOnDisk {
  readonly number: number;
  readonly folder: string;
  readonly listing: Listing;
  /** null until it has ended */
  readonly ended: EndedEvent | null;
  /** null until the supervisor wrote them */
  readonly processes: AttemptProcesses | null;
}

const UNKNOWN_END: EndedEvent = {
  at: new Date(0).toISOString(),
  kind: "ended",
  exitCode: null,
  signal: null,
  because: "unknown",
  seconds: null,
  cpuSeconds: null,
  peakMemoryBytes: null,
  files: {},
};

/** The attempts of a job in the order of their numbers; none when there is no such job. */
export function readAttempts(jobDirectory: string, folders: FolderCache): AttemptOnDisk[] {
  const attempts = attemptsFolder(jobDirectory);
  const numbers = folders.list(attempts)?.folders.filter((name) => /^[1-9][0-9]{0,8}$/.test(name)) ?? [];
  return numbers
    .map(Number)
    .sort((a, b) => a - b)
    .flatMap((number) => readAttempt(join(attempts, String(number)), number, folders) ?? []);
}

/** What was read of an attempt whose folder has not changed since: its files but the growing ones come by rename. */
const known = new WeakMap<Listing, AttemptOnDisk>();

function readAttempt(folder: string, number: number, folders: FolderCache): AttemptOnDisk | undefined {
  const listing = folders.list(folder);
  if (listing === undefined) return undefined;
  const before = known.get(listing);
  if (before !== undefined) return before;
  const attempt: AttemptOnDisk = {
    number,
    folder,
    listing,
    ended: listing.files.includes(ATTEMPT_LAYOUT.ended) ? parseEnded(readText(join(folder, ATTEMPT_LAYOUT.ended))) : null,
    processes: listing.files.includes(ATTEMPT_LAYOUT.pids) ? parsePids(readText(join(folder, ATTEMPT_LAYOUT.pids))) : null,
  };
  known.set(listing, attempt);
  return attempt;
}

/** The end of an attempt. `ended.json` exists only when it is whole; one that is not was damaged, so nobody knows the end. */
export function parseEnded(text: string): EndedEvent {
  try {
    const event = jobEvent.parse(JSON.parse(text));
    return event.kind === "ended" ? event : UNKNOWN_END;
  } catch {
    return UNKNOWN_END;
  }
}

/** `<supervisor pid> <start> <waiter pid> <start> <script pid> <start> <boot id>`; pid 0 and `-` stand for none. */
export function parsePids(text: string): AttemptProcesses | null {
  const words = text.trim().split(/\s+/);
  if (words.length < 7) return null;
  const known = (word: string | undefined) => (word === undefined || word === "-" ? null : word);
  const processAt = (index: number): ProcessId => ({ pid: Number(words[index]) || 0, start: known(words[index + 1]) });
  return { supervisor: processAt(0), waiter: processAt(2), script: processAt(4), bootId: known(words[6]) };
}
