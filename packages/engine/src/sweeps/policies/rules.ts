import type { JsonObject, TerminationPolicy } from "@switchyard/protocol";
import type { Comparison } from "./compare.ts";
import type { Reached } from "./curves.ts";

type Of<T extends TerminationPolicy["type"]> = Extract<TerminationPolicy, { type: T }>;

/** What one trial is judged by at one interval. */
export interface Case<P extends TerminationPolicy = TerminationPolicy> {
  readonly policy: P;
  readonly comparison: Comparison;
  readonly isMaximize: boolean;
  readonly interval: number;
  readonly trial: Reached;
  /** all of them, the trial too */
  readonly all: readonly Reached[];
}
export interface Verdict {
  readonly stop: boolean;
  readonly because: JsonObject & { readonly rule: string };
}

const NEGATIVE = "slack as a factor misleads where the metric is negative; use slack_amount";

/** Spec 06 §4: worse than the best by more than the slack. */
export function judgeBandit({ policy, comparison, isMaximize, interval, trial, all }: Case<Of<"BanditPolicy">>): Verdict {
  const best = comparison.best(all.map((each) => each.bestBy(interval)));
  const own = trial.bestBy(interval);
  const { slackFactor, slackAmount } = policy;
  const allowed = slackFactor === null ? withAmount(best, slackAmount!, isMaximize) : withFactor(best, slackFactor, isMaximize);
  const stop = isMaximize && slackFactor !== null ? isBelow(own * (1 + slackFactor), best) : comparison.isBetter(allowed, own);
  const slack = slackFactor === null ? { slackAmount } : { slackFactor, ...(best < 0 ? { note: NEGATIVE } : {}) };
  const rule = `the best so far ${number(own)} is ${stop ? "" : "not "}worse than ${number(allowed)}, which the best of all, ${number(best)}, leaves as slack`;
  return { stop, because: { rule, own: json(own), best: json(best), allowed: json(allowed), ...slack } };
}

function withAmount(best: number, amount: number, isMaximize: boolean): number {
  return isMaximize ? best - amount : best + amount;
}
function withFactor(best: number, factor: number, isMaximize: boolean): number {
  return isMaximize ? best / (1 + factor) : best * (1 + factor);
}
/** A trial that logged no number yet is below every number. */
function isBelow(a: number, b: number): boolean {
  return !Number.isNaN(b) && (Number.isNaN(a) || a < b);
}

/** Its best value is worse than the median of what all trials had on average by then. */
export function judgeMedian({ comparison, interval, trial, all }: Case): Verdict {
  const averages = all.map((each) => each.meanBy(interval)).filter((average) => !Number.isNaN(average));
  const middle = medianOf(averages);
  const own = trial.bestBy(interval);
  const stop = comparison.isBetter(middle, own);
  const rule = `the best so far ${number(own)} is ${stop ? "" : "not "}worse than ${number(middle)}, the median of the averages of ${averages.length} trials`;
  return { stop, because: { rule, own: json(own), median: json(middle), trials: averages.length } };
}

/**
 * It lies in the lowest percentage of those that got as far or ended before; the number of trials to end is rounded down.
 * Trials that were ended early stay in the ranking unless finished ones are left out.
 */
export function judgeTruncation({ policy, comparison, interval, trial, all }: Case<Of<"TruncationSelectionPolicy">>): Verdict {
  const ranked = all.filter((each) => (each.curve.ended ? !policy.excludeFinishedJobs : each.hasReached(interval)));
  const own = trial.bestBy(interval);
  const better = ranked.filter((each) => comparison.isBetter(each.bestBy(interval), own)).length;
  const worse = ranked.filter((each) => comparison.isBetter(own, each.bestBy(interval))).length;
  const ended = Math.floor((ranked.length * policy.truncationPercentage) / 100);
  // of equals those that began later are in the lower part; their number must be exact
  const behind = ranked.filter((each) => each !== trial && isEqual(each, trial, interval, comparison) && isLater(each, trial)).length;
  const fromBelow = worse + behind;
  const stop = fromBelow < ended;
  const rule = `${better} of ${ranked.length} trials at interval ${interval} are better and ${worse} worse; the lowest ${ended} are ended`;
  const counts = { own: json(own), ranked: ranked.length, better, worse, ended, truncationPercentage: policy.truncationPercentage };
  return { stop, because: { rule, ...counts } };
}

function isEqual(a: Reached, b: Reached, interval: number, comparison: Comparison): boolean {
  return comparison.order(a.bestBy(interval), b.bestBy(interval)) === 0;
}
function isLater(a: Reached, b: Reached): boolean {
  return !a.isPrior && (b.isPrior || a.curve.trial > b.curve.trial);
}

/** Not among the best 1/reductionFactor of those that reached this rung. */
export function judgeRung(reductionFactor: number, bracket: number | null, { comparison, interval, trial, all }: Case): Verdict {
  const there = all.filter((each) => each.hasReached(interval));
  const own = trial.bestBy(interval);
  const kept = Math.max(1, Math.floor(there.length / reductionFactor));
  const better = there.filter((each) => comparison.isBetter(each.bestBy(interval), own)).length;
  const stop = better >= kept;
  const rule = `${better} of the ${there.length} trials that reached interval ${interval} are better; the best ${kept} go on`;
  const place = bracket === null ? {} : { bracket };
  return { stop, because: { rule, own: json(own), reached: there.length, better, kept, reductionFactor, ...place } };
}

export function medianOf(values: readonly number[]): number {
  if (values.length === 0) return Number.NaN;
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** JSON has no NaN. */
function json(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
function number(value: number): string {
  return Number.isFinite(value) ? String(Number(value.toPrecision(6))) : "no number";
}
