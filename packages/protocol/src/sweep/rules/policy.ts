import type { TerminationPolicy } from "../configuration.ts";
import { placeOf, type SweepCase } from "./case.ts";

type Of<T extends TerminationPolicy["type"]> = Extract<TerminationPolicy, { type: T }>;

/** The numbers of the policy. */
export function checkPolicy(facts: SweepCase): void {
  const { policy } = facts.configuration;
  if (policy.type === "BanditPolicy") checkBandit(policy, facts);
  if (policy.type === "TruncationSelectionPolicy") checkTruncation(policy, facts);
  if (policy.type === "AshaPolicy" || policy.type === "HyperbandPolicy") checkHalving(policy, facts);
  if (policy.type === "MedianStoppingPolicy" && policy.evaluationInterval === 1 && policy.delayEvaluation === 0) {
    const message = "trials are compared from their first value on; delay_evaluation: 5 gives them some time, as is often advised";
    facts.problems.warning(placeOf(facts.given, "policy"), "policy", message);
  }
}

function checkBandit({ slackFactor, slackAmount }: Of<"BanditPolicy">, { given, problems }: SweepCase): void {
  const at = placeOf(given, "policy");
  if (slackFactor !== null && slackAmount !== null) {
    problems.error(at, "policy", "slack_factor and slack_amount exclude each other; keep one of the two");
  } else if (slackFactor === null && slackAmount === null) {
    problems.error(at, "policy", "BanditPolicy needs slack_factor or slack_amount: how much worse than the best a trial may be");
  }
  for (const [name, value] of [
    ["slackFactor", slackFactor],
    ["slackAmount", slackAmount],
  ] as const) {
    const path = name === "slackFactor" ? "policy.slack_factor" : "policy.slack_amount";
    if (value !== null && !(value >= 0)) problems.error(placeOf(given, "policy", name), path, `came ${value}; it must be at least 0`);
  }
}

function checkTruncation({ truncationPercentage }: Of<"TruncationSelectionPolicy">, { given, problems }: SweepCase): void {
  if (truncationPercentage >= 1 && truncationPercentage <= 99) return;
  const stated = truncationPercentage === 0 ? "" : `, came ${truncationPercentage}`;
  const at = placeOf(given, "policy", "truncationPercentage");
  problems.error(at, "policy.truncation_percentage", `TruncationSelectionPolicy needs a whole number from 1 to 99${stated}`);
}

function checkHalving(policy: Of<"AshaPolicy"> | Of<"HyperbandPolicy">, { given, problems }: SweepCase): void {
  const { type, minIntervals, maxIntervals, reductionFactor } = policy;
  if (!(reductionFactor >= 2)) {
    const at = placeOf(given, "policy", "reductionFactor");
    problems.error(at, "policy.reduction_factor", `came ${reductionFactor}; one of at least 2 goes on, so it must be at least 2`);
  }
  if (maxIntervals === 0) {
    const message = "HyperbandPolicy needs max_intervals: how many times a complete trial logs the primary metric";
    problems.error(placeOf(given, "policy"), "policy.max_intervals", message);
  } else if (maxIntervals !== null && maxIntervals < minIntervals) {
    const at = placeOf(given, "policy", "maxIntervals");
    problems.error(at, "policy.max_intervals", `${type}: max_intervals ${maxIntervals} is below min_intervals ${minIntervals}`);
  }
}
