import { isDeepStrictEqual } from "node:util";
import { BadRequest, type JsonObject, type SweepEntry, type SweepJournal, type SweepReplay } from "@switchyard/protocol";
import type { StoredEntry } from "@switchyard/store";
import { applyEntry } from "./applyEntry.ts";
import { judgedEntry, lentEntry, type Minds, suggestedEntry } from "./minds.ts";
import { emptyState, type SweepState } from "./state.ts";

/** Decides everything again from the entries before it, and compares with what the journal says. Stops at the first difference. */
export function replay(runId: string, entries: readonly StoredEntry[], minds: Minds): SweepReplay {
  const state = emptyState();
  const counts = { suggestions: 0, decisions: 0 };
  for (const { number, at, entry: stored } of entries) {
    const entry = stored as unknown as SweepEntry;
    const recomputed = decidedAgain(state, entry, minds);
    if (recomputed !== null && !isDeepStrictEqual(asJson(recomputed), asJson(entry))) {
      return { runId, identical: false, entries: number, ...counts, difference: differenceOf(number, entry, recomputed) };
    }
    if (entry.kind === "suggested") counts.suggestions += entry.trials.length;
    if (entry.kind === "judged") counts.decisions += entry.decisions.length;
    applyEntry(state, entry, at);
  }
  return { runId, identical: true, entries: entries.length, ...counts, difference: null };
}

/** The same for a journal that somebody brings, which need not be whole. */
export function replayJournal({ runId, entries }: SweepJournal, minds: Minds): SweepReplay {
  const gap = entries.findIndex(({ number }, index) => number !== index);
  if (gap !== -1) throw new BadRequest(`The journal of ${runId} is not whole: entry ${gap} is missing.`);
  if (entries[0]?.entry.kind !== "began") throw new BadRequest(`The journal of ${runId} does not begin with what the sweep is ("began").`);
  const stored = entries.map(({ number, at, entry }) => ({ number, at: new Date(at), entry: entry as unknown as JsonObject }));
  try {
    return replay(runId, stored, minds);
  } catch (cause) {
    throw new BadRequest(`The journal of ${runId} cannot be read: ${(cause as Error).message}`, { cause });
  }
}

/** What follows from the entries so far where this one was decided; null for what was observed or wished. */
function decidedAgain(state: SweepState, entry: SweepEntry, minds: Minds): SweepEntry | null {
  if (entry.kind === "suggested" && entry.isLent) return lentEntry(state, entry.trials[0]?.key, minds);
  if (entry.kind === "suggested") return suggestedEntry(state, entry.count, minds);
  if (entry.kind === "judged") return judgedEntry(state, minds);
  return null;
}

const asJson = (entry: SweepEntry): JsonObject => JSON.parse(JSON.stringify(entry)) as JsonObject;

/** The first trial or decision that differs, or the entry as a whole. */
function differenceOf(number: number, recorded: SweepEntry, recomputed: SweepEntry): SweepReplay["difference"] {
  const [was, now] = [partsOf(recorded), partsOf(recomputed)];
  for (let index = 0; index < Math.max(was.length, now.length); index++) {
    const [a, b] = [was[index], now[index]];
    if (isDeepStrictEqual(a, b)) continue;
    const what = `${recorded.kind === "judged" ? "decision" : "suggestion"} ${index} of entry ${number}`;
    return { entry: number, what, recorded: a ?? {}, recomputed: b ?? {} };
  }
  return { entry: number, what: `entry ${number} (${recorded.kind})`, recorded: asJson(recorded), recomputed: asJson(recomputed) };
}

function partsOf(entry: SweepEntry): JsonObject[] {
  const plain = asJson(entry);
  return (plain.trials ?? plain.decisions ?? []) as unknown as JsonObject[];
}
