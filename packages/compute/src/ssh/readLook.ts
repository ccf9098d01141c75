import { type EndedEvent, isGrowing } from "@switchyard/protocol";
import type { Cursor } from "../contract.ts";
import { parseEnded } from "../site/attempts.ts";
import type { Grown } from "../site/budget.ts";
import { countedSize } from "../site/growingFiles.ts";
import type { AttemptFacts } from "../site/standing.ts";
import type { ByteReader } from "./byteReader.ts";

/** What `look.py` or `look.sh` says of one job directory. */
export interface JobFacts {
  /** set when there is nothing else to be said */
  readonly special: { readonly kind: "missing" | "nosite" } | { readonly kind: "unreadable"; readonly why: string } | null;
  readonly attempts: readonly (AttemptFacts & { readonly files: readonly (readonly [name: string, size: number])[] })[];
  /** of a job without attempts: the one it is to begin with, null when unknown */
  readonly firstAttempt: number | null;
  readonly complaint: string | null;
}

interface Writable {
  special: JobFacts["special"];
  attempts: {
    number: number;
    quietMs: number;
    ended: EndedEvent | null;
    processes: AttemptFacts["processes"];
    files: [string, number][];
  }[];
  firstAttempt: number | null;
  complaint: string | null;
}

/** Reads the answer to `look`: the machine's clock, in milliseconds, and the jobs in the order of the question. */
export async function readLook(answer: ByteReader, onClock: (hostMs: number) => void): Promise<readonly JobFacts[]> {
  const jobs: Writable[] = [];
  for (;;) {
    const line = await answer.line();
    const at = line.indexOf(" ");
    const word = at < 0 ? line : line.slice(0, at);
    if (word === "end") return jobs;
    if (word === "at") onClock(Number(line.slice(3)) * 1000);
    else if (word === "job") jobs.push({ special: null, attempts: [], firstAttempt: null, complaint: null });
    else readFact(jobs.at(-1), word, at < 0 ? "" : line.slice(at + 1));
  }
}

function readFact(job: Writable | undefined, word: string, rest: string): void {
  const attempt = job?.attempts.at(-1);
  switch (word) {
    case "missing":
    case "nosite":
      if (job !== undefined) job.special = { kind: word };
      return;
    case "unreadable":
      if (job !== undefined) job.special = { kind: word, why: rest };
      return;
    case "first":
      if (job !== undefined) job.firstAttempt = Number(rest) || null;
      return;
    case "complaint":
      if (job !== undefined) job.complaint = rest.trim() || null;
      return;
    case "attempt": {
      const [number = "", quiet = ""] = rest.split(" ");
      job?.attempts.push({ number: Number(number), quietMs: Number(quiet) * 1000, ended: null, processes: null, files: [] });
      return;
    }
    case "ended":
      if (attempt !== undefined) attempt.ended = parseEnded(rest);
      return;
    case "processes": {
      const [, , script, lives] = rest.split(" ").map(Number);
      if (attempt !== undefined) attempt.processes = { hasScript: (script ?? 0) > 0, isAlive: lives === 1 };
      return;
    }
    case "file": {
      const space = rest.indexOf(" ");
      attempt?.files.push([rest.slice(space + 1), Number(rest.slice(0, space))]);
      return;
    }
    default:
      throw new Error(`"${word}" is no word that a look answers with`);
  }
}

/** Which files have grown beyond the cursors, earlier attempts first, and in each the events first. */
export function grownIn({ attempts }: JobFacts, cursors: readonly Cursor[]): Grown[] {
  const offsets = new Map(cursors.map((cursor) => [`${cursor.attempt}/${cursor.file}`, cursor.offset]));
  const grown: Grown[] = [];
  for (const { number, ended, files } of attempts) {
    for (const [file, size] of files) {
      if (!isGrowing(file) || file.includes("\uFFFD")) continue; // a name that is not UTF-8 cannot be asked for
      const offset = offsets.get(`${number}/${file}`) ?? 0;
      const bytes = countedSize(ended, file, size) - offset;
      if (bytes > 0) grown.push({ attempt: number, file, offset, bytes });
    }
  }
  return grown;
}

/** The path of a growing file below its job directory's own folder. */
export const pathOfGrown = (directory: string, { attempt, file }: Grown): string => `${directory}/.switchyard/attempts/${attempt}/${file}`;
