import { type EndedEvent, isGrowing } from "@switchyard/protocol";
import type { RunRecord } from "@switchyard/store";
import { decideOutcome } from "./outcome.ts";
import { end } from "./transitions.ts";

/** Spec 05 §4: what one warning may hold. */
const WARNING_LIMIT = 300;
const MOST_WARNINGS = 50;

/** A file whose last bytes are not home yet. */
export interface NotHome {
  readonly file: string;
  readonly have: number;
  readonly size: number;
}

/** Which growing files of an ended attempt still lack bytes. `takenOf` says how far a file was taken. */
export function notHomeYet(ended: EndedEvent, takenOf: (file: string) => number): readonly NotHome[] {
  return Object.entries(ended.files)
    .filter(([file]) => isGrowing(file))
    .map(([file, size]) => ({ file, have: takenOf(file), size }))
    .filter(({ have, size }) => size > 0 && have < size);
}

/** The run when everything it left is home: its outcome, and what could not be brought. */
export function afterCollecting(run: RunRecord, successCodes: readonly number[], warnings: readonly string[], now: Date): RunRecord {
  return withWarnings(end(run, decideOutcome(run, successCodes, now)), warnings);
}

/** The run with these warnings added, each once, no more than a person reads. */
export function withWarnings(run: RunRecord, warnings: readonly string[]): RunRecord {
  const added = warnings
    .map((text) => (text.length > WARNING_LIMIT ? `${text.slice(0, WARNING_LIMIT - 1)}…` : text))
    .filter((text) => !run.warnings.includes(text));
  return added.length === 0 ? run : { ...run, warnings: [...run.warnings, ...added].slice(0, MOST_WARNINGS) };
}
