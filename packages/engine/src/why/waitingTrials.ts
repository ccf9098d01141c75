import type { RunRecord } from "@switchyard/store";
import type { EngineContext } from "../context.ts";
import { explainWaiting } from "./waiting.ts";
import type { LocalKnowledge } from "./why.ts";

/** Trials that are looked at: of a long line the first ones say what all wait for. */
const MOST_LOOKED_AT = 10;
const MOST_TOLD = 3;
const INSTANT = /\d{4}-\d\d-\d\dT[\d:.]+Z/g;

/** What trials of a sweep wait for that do not compute; those that wait for the same are told of together. */
export async function saidOfWaitingTrials(context: EngineContext, trials: readonly string[], known: LocalKnowledge): Promise<string[]> {
  const waiting = new Map<string, { numbers: string[]; why: string }>();
  for (const runId of trials.slice(0, MOST_LOOKED_AT)) {
    const run = await context.store.runs.get(runId);
    const knownOfIt = known.about(runId);
    if (run === undefined || !waits(run, knownOfIt)) continue;
    const { summary } = await explainWaiting(context, run, knownOfIt);
    const same = waiting.get(summary.replace(INSTANT, "")) ?? { numbers: [], why: summary };
    same.numbers.push(runId.slice(runId.lastIndexOf("_") + 1));
    waiting.set(summary.replace(INSTANT, ""), same);
  }
  return [...waiting.values()]
    .slice(0, MOST_TOLD)
    .map(({ numbers, why }) => `${numbers.length === 1 ? "Trial" : "Trials"} ${numbers.join(", ")}: ${why}`);
}

function waits({ state, unreachableSince, missingSince }: RunRecord, { trouble }: LocalKnowledge): boolean {
  if (state === "ended") return false;
  const isAway = unreachableSince !== null || missingSince !== null || trouble?.code === "compute_unreachable";
  return isAway || state === "queued" || state === "starting";
}
