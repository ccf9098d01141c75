import type { TerminationPolicy } from "@switchyard/protocol";
import type { Policy, PolicyDecision, PolicyRequest } from "../policy.ts";
import { type Comparison, comparisonOf } from "./compare.ts";
import { type Reached, reachedBy } from "./curves.ts";
import { bracketOf, bracketsOf, rungsOf } from "./halving.ts";
import { type Case, judgeBandit, judgeMedian, judgeRung, judgeTruncation, type Verdict } from "./rules.ts";

/**
 * Decides by the policy of the sweep on each interval that is due. What is compared at interval N is what trials had by
 * their own interval N, whenever it arrived.
 */
export const decide: Policy = (request) => {
  if (request.policy.type === "NoTerminationPolicy") return [];
  const comparison = comparisonOf(request.goal);
  const own = request.curves.map((curve) => reachedBy(curve, false, comparison));
  const all = [...own, ...request.prior.map((curve) => reachedBy(curve, true, comparison))];
  const decisions = own.filter(({ curve }) => !curve.ended).flatMap((trial) => decideTrial(request, comparison, trial, all));
  return decisions.sort((a, b) => a.interval - b.interval || a.trial - b.trial);
};

function decideTrial(request: PolicyRequest, comparison: Comparison, trial: Reached, all: readonly Reached[]): PolicyDecision[] {
  const { trial: number, values } = trial.curve;
  const after = request.decided.get(number) ?? 0;
  const decisions: PolicyDecision[] = [];
  for (const interval of dueIntervals(request.policy, number, values.length)) {
    if (interval <= after) continue;
    const { stop, because } = judge(request, { comparison, interval, trial, all });
    decisions.push({ trial: number, interval, decision: stop ? "stop" : "continue", because });
    if (stop) break;
  }
  return decisions;
}

/** The intervals up to `reached` at which the policy looks at this trial, in order. */
export function dueIntervals(policy: TerminationPolicy, trial: number, reached: number): readonly number[] {
  switch (policy.type) {
    case "NoTerminationPolicy":
      return [];
    case "AshaPolicy":
      return rungsOf(policy.minIntervals, policy.reductionFactor, policy.maxIntervals, reached);
    case "HyperbandPolicy": {
      const brackets = bracketsOf(policy.minIntervals, policy.maxIntervals, policy.reductionFactor);
      const { first } = brackets[bracketOf(trial, brackets)]!;
      return rungsOf(first, policy.reductionFactor, policy.maxIntervals, reached);
    }
    default: {
      const { evaluationInterval, delayEvaluation } = policy;
      const intervals = Array.from({ length: Math.floor(reached / evaluationInterval) }, (_, index) => (index + 1) * evaluationInterval);
      return intervals.filter((interval) => interval >= delayEvaluation);
    }
  }
}

function judge(request: PolicyRequest, known: Pick<Case, "comparison" | "interval" | "trial" | "all">): Verdict {
  const { policy } = request;
  const isMaximize = request.goal === "maximize";
  switch (policy.type) {
    case "BanditPolicy":
      return judgeBandit({ ...known, policy, isMaximize });
    case "MedianStoppingPolicy":
      return judgeMedian({ ...known, policy, isMaximize });
    case "TruncationSelectionPolicy":
      return judgeTruncation({ ...known, policy, isMaximize });
    case "AshaPolicy":
      return judgeRung(policy.reductionFactor, null, { ...known, policy, isMaximize });
    case "HyperbandPolicy": {
      const brackets = bracketsOf(policy.minIntervals, policy.maxIntervals, policy.reductionFactor);
      const bracket = bracketOf(known.trial.curve.trial, brackets);
      const all = known.all.filter((each) => each.isPrior || bracketOf(each.curve.trial, brackets) === bracket);
      return judgeRung(policy.reductionFactor, bracket, { ...known, all, policy, isMaximize });
    }
    case "NoTerminationPolicy":
      return { stop: false, because: { rule: "no policy" } };
  }
}
