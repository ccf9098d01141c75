import { key, list, optional, record, section } from "../../runconfig/reading/collections.ts";
import { anything, count, type Field, flag, number, text, word } from "../../runconfig/reading/field.ts";
import { type Given, plain } from "../../runconfig/reading/given.ts";
import { METRIC_GOALS, MOST_TRIALS, POLICY_TYPES, SAMPLING_TYPES } from "../configuration.ts";

/** What was given, with its place, for a reading that the kinds of fields here cannot say. */
const asGiven: Field<Given | null> = {
  absent: () => null,
  read: (given) => given,
  write: (value) => (value === null ? null : plain(value)),
};

const SEED_LIMITS = { min: 0, max: Number.MAX_SAFE_INTEGER, whole: true };

export const samplingSection = section({
  type: key(
    word(SAMPLING_TYPES, null, {
      randomparametersampling: "random",
      gridparametersampling: "grid",
      bayesianparametersampling: "bayesian",
    }),
    "random, grid, bayesian or sobol",
  ),
  parameterSpace: key(asGiven, "what is drawn: a list of {name, expression, values}"),
  seed: key(number(null, SEED_LIMITS), "the same seed draws the same values"),
  multivariate: key(optional(flag(false)), "bayesian: model parameters together"),
  startupTrials: key(count(null, 0), "bayesian: random trials before the model is asked"),
  properties: key(record(anything()), "properties of the sampling"),
});

export const policySection = section({
  type: key(
    word(POLICY_TYPES, null, {
      bandit: "BanditPolicy",
      medianstopping: "MedianStoppingPolicy",
      median_stopping: "MedianStoppingPolicy",
      truncationselection: "TruncationSelectionPolicy",
      truncation_selection: "TruncationSelectionPolicy",
      notermination: "NoTerminationPolicy",
      default: "NoTerminationPolicy",
      none: "NoTerminationPolicy",
      asha: "AshaPolicy",
      hyperband: "HyperbandPolicy",
    }),
    "which trials are ended early",
  ),
  evaluationInterval: key(count(null), "look at intervals that this divides"),
  delayEvaluation: key(count(null, 0), "look at no interval before this"),
  slackFactor: key(number(null), "bandit: how much worse than the best, as a ratio"),
  slackAmount: key(number(null), "bandit: how much worse than the best, as a difference"),
  truncationPercentage: key(number(null, { whole: true }), "truncation: how many of a hundred are ended"),
  excludeFinishedJobs: key(optional(flag(false)), "truncation: leave ended trials out of the ranking"),
  minIntervals: key(count(null), "asha, hyperband: the first interval at which trials are compared"),
  maxIntervals: key(count(null), "asha, hyperband: the interval at which a trial is complete"),
  reductionFactor: key(number(null), "asha, hyperband: one of so many goes on"),
});

/** `hdconfig.yml`, and the same as JSON. */
export const sweepSection = section({
  sampling: key(samplingSection, "how values are drawn, and from what"),
  policy: key(policySection, "when trials are ended early"),
  primaryMetricName: key(text(null, { numbers: true }), "the metric that trials are compared by"),
  primaryMetricGoal: key(
    word(METRIC_GOALS, null, { max: "maximize", min: "minimize", maximise: "maximize", minimise: "minimize" }),
    "maximize or minimize",
  ),
  maxTotalRuns: key(number(null, { min: 1, max: MOST_TRIALS, whole: true }), "how many trials at most"),
  maxConcurrentRuns: key(number(null, { min: 1, max: MOST_TRIALS, whole: true }), "how many trials at a time"),
  maxDurationMinutes: key(number(null), "how long the whole sweep may take"),
  maxComputeHours: key(number(null), "how many hours all trials together may take"),
  maxTrialRetries: key(count(0, 0), "how often a failed trial is started again"),
  replaceFailedTrials: key(flag(false), "draw new values for trials that failed"),
  resumeFrom: key(list(text("")), "earlier sweeps that are known from the start"),
  resumeChildRuns: key(list(text("")), "earlier trials that are continued"),
});
export type GivenSweep = ReturnType<typeof sweepSection.absent>;
