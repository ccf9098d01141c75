import { type SweepEntry, type SweepEntryOf, toLogged } from "@switchyard/protocol";
import { applyEntry } from "./applyEntry.ts";
import { cannotStart } from "./cannotStart.ts";
import { conclude } from "./conclude.ts";
import { endedEntry } from "./ended.ts";
import { limitReached } from "./limits.ts";
import type { TrialLook } from "./look.ts";
import { hasPolicy, judgedEntry, type Minds, suggestedEntry } from "./minds.ts";
import { newNotes } from "./notes.ts";
import { freePlaces, retries } from "./places.ts";
import type { SweepState } from "./state.ts";

/** Facts about a sweep that its journal does not hold. */
export interface SweepFacts {
  /** of each trial */
  readonly nodes: number;
  readonly now: Date;
  /** names of the metrics of a trial that ended without the primary one; empty when nobody needs to know */
  readonly otherMetrics: readonly string[];
}

/** The next entries of a sweep's journal, given what is seen of its trials. Takes them into `state`, tells of each; does no I/O. */
export function decide(
  state: SweepState,
  looks: readonly TrialLook[],
  facts: SweepFacts,
  minds: Minds,
  told: (entry: SweepEntry) => void = () => {},
): SweepEntry[] {
  const entries: SweepEntry[] = [];
  const append = (entry: SweepEntry | null) => {
    if (entry === null) return;
    applyEntry(state, entry, facts.now);
    told(entry);
    entries.push(entry);
  };
  if (state.finished !== null) return entries;
  for (const look of looks) for (const entry of observedEntries(look)) append(entry);
  const hasObserved = entries.length > 0;
  for (const note of newNotes(state, looks, facts)) append(note);
  for (const look of looks) append(endedEntry(state, look, facts));
  if (hasObserved && hasPolicy(state)) append(judgedEntry(state, minds));
  append(limitReached(state, looks, facts));
  append(cannotStart(state, looks));
  append(retries(state));
  const count = freePlaces(state);
  if (count > 0) append(suggestedEntry(state, count, minds));
  for (const entry of conclude(state)) append(entry);
  return entries;
}

function observedEntries({ trial, fresh }: TrialLook): SweepEntryOf<"observed">[] {
  return fresh.map(({ attempt, resumes, values }) => ({ kind: "observed", trial, attempt, resumes, values: values.map(toLogged) }));
}
