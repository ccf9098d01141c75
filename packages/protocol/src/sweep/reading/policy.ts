import { entryOf } from "../../runconfig/reading/collections.ts";
import { type Given, isNothing } from "../../runconfig/reading/given.ts";
import type { Problems } from "../../runconfig/reading/problem.ts";
import type { PolicyType, TerminationPolicy } from "../configuration.ts";
import type { GivenSweep } from "./file.ts";

type GivenPolicy = GivenSweep["policy"];
type PolicyKey = Exclude<keyof GivenPolicy, "type" | "others">;

/** What each policy is told; other keys are said to be not used. */
const KEYS_OF: Readonly<Record<PolicyType, readonly PolicyKey[]>> = {
  NoTerminationPolicy: [],
  BanditPolicy: ["evaluationInterval", "delayEvaluation", "slackFactor", "slackAmount"],
  MedianStoppingPolicy: ["evaluationInterval", "delayEvaluation"],
  TruncationSelectionPolicy: ["evaluationInterval", "delayEvaluation", "truncationPercentage", "excludeFinishedJobs"],
  AshaPolicy: ["minIntervals", "maxIntervals", "reductionFactor"],
  HyperbandPolicy: ["minIntervals", "maxIntervals", "reductionFactor"],
};
const DEFAULT_REDUCTION = 3;

/** Makes a policy of what was given; none at all is no termination. Null after an error. */
export function readPolicy(whole: Given, given: GivenPolicy, problems: Problems): TerminationPolicy | null {
  const section = entryOf(whole, "policy");
  if (section === undefined || isNothing(section.value)) return { type: "NoTerminationPolicy" };
  if (given.type === null) {
    const stated = entryOf(section.value, "type");
    if (stated !== undefined && !isNothing(stated.value)) return null; // the word was reported
    if (section.value.kind === "map" && section.value.entries.length > 0)
      problems.error(section.at, "policy.type", 'which policy? Add "type: BanditPolicy", or leave "policy" out');
    return { type: "NoTerminationPolicy" };
  }
  warnUnused(given.type, given, section.value, problems);
  return withDefaults(given.type, given);
}

function withDefaults(type: PolicyType, given: GivenPolicy): TerminationPolicy {
  const interval = { evaluationInterval: given.evaluationInterval ?? 1, delayEvaluation: given.delayEvaluation ?? 0 };
  const halving = { minIntervals: given.minIntervals ?? 1, reductionFactor: given.reductionFactor ?? DEFAULT_REDUCTION };
  switch (type) {
    case "NoTerminationPolicy":
      return { type };
    case "BanditPolicy":
      return { type, ...interval, slackFactor: given.slackFactor, slackAmount: given.slackAmount };
    case "MedianStoppingPolicy":
      return { type, ...interval };
    case "TruncationSelectionPolicy":
      // 0 stands for "not given", which the rules report
      return {
        type,
        ...interval,
        truncationPercentage: given.truncationPercentage ?? 0,
        excludeFinishedJobs: given.excludeFinishedJobs ?? false,
      };
    case "AshaPolicy":
      return { type, ...halving, maxIntervals: given.maxIntervals };
    case "HyperbandPolicy":
      return { type, ...halving, maxIntervals: given.maxIntervals ?? 0 };
  }
}

function warnUnused(type: PolicyType, given: GivenPolicy, section: Given, problems: Problems): void {
  const { type: _, others: __, ...values } = given;
  for (const name of Object.keys(values) as PolicyKey[]) {
    if (given[name] === null || KEYS_OF[type].includes(name)) continue;
    const entry = entryOf(section, name);
    const known = KEYS_OF[type].length === 0 ? "nothing" : KEYS_OF[type].join(", ");
    problems.warning(entry?.at ?? null, `policy.${entry?.key ?? name}`, `${type} does not use it; it is told ${known}`);
  }
}
