import { z } from "zod";
import { jsonObject } from "../json.ts";
import { runId } from "../run/names.ts";
import { sweepParameter } from "./expressions.ts";

/** How the next values are chosen. `sobol` is our own addition. */
export const SAMPLING_TYPES = ["random", "grid", "bayesian", "sobol"] as const;
export type SamplingType = (typeof SAMPLING_TYPES)[number];

export const sampling = z.object({
  type: z.enum(SAMPLING_TYPES),
  /** null: chosen when the sweep is submitted, and kept with it from then on */
  seed: z.int().min(0).max(Number.MAX_SAFE_INTEGER).nullable(),
  /** of `bayesian`: whether parameters are modelled together (null: as the sampler thinks best) */
  multivariate: z.boolean().nullable(),
  /** of `bayesian`: how many trials are drawn at random before the model is asked (null: as the sampler thinks best) */
  startupTrials: z.int().min(0).nullable(),
  parameterSpace: z.array(sweepParameter),
  /** other properties that were given; kept, not used */
  properties: jsonObject,
});
export type Sampling = z.infer<typeof sampling>;

const interval = {
  /** the policy looks at intervals that this divides */
  evaluationInterval: z.int().min(1),
  /** and not before this one */
  delayEvaluation: z.int().min(0),
};

/** When a trial is ended early. `AshaPolicy` and `HyperbandPolicy` are our own additions. */
export const terminationPolicy = z.discriminatedUnion("type", [
  z.object({ type: z.literal("NoTerminationPolicy") }),
  z.object({ type: z.literal("BanditPolicy"), ...interval, slackFactor: z.number().nullable(), slackAmount: z.number().nullable() }),
  z.object({ type: z.literal("MedianStoppingPolicy"), ...interval }),
  z.object({
    type: z.literal("TruncationSelectionPolicy"),
    ...interval,
    truncationPercentage: z.int().min(1).max(99),
    excludeFinishedJobs: z.boolean(),
  }),
  /** asynchronous successive halving: of the trials that reached a rung, the best 1/reductionFactor go on */
  z.object({
    type: z.literal("AshaPolicy"),
    /** the interval of the first rung; the next ones are `reductionFactor` times as far */
    minIntervals: z.int().min(1),
    /** no rung at or beyond this interval; null: no end */
    maxIntervals: z.int().min(1).nullable(),
    reductionFactor: z.number().min(2),
  }),
  /** several brackets of successive halving, each with another first rung; trials take turns in them */
  z.object({
    type: z.literal("HyperbandPolicy"),
    minIntervals: z.int().min(1),
    maxIntervals: z.int().min(1),
    reductionFactor: z.number().min(2),
  }),
]);
export type TerminationPolicy = z.infer<typeof terminationPolicy>;
export type PolicyType = TerminationPolicy["type"];
export const POLICY_TYPES = terminationPolicy.options.map((option) => option.shape.type.value) as readonly PolicyType[];

export const METRIC_GOALS = ["maximize", "minimize"] as const;
export type MetricGoal = (typeof METRIC_GOALS)[number];

/** The metric that the sweep makes as good as it can, and which way is good. Its stored form in a property. */
export const primaryMetric = z.object({ name: z.string(), goal: z.enum(METRIC_GOALS) });
export type PrimaryMetric = z.infer<typeof primaryMetric>;

/** No sweep has more trials. */
export const MOST_TRIALS = 1_000_000;

/** All that a sweep is told: what `hdconfig.yml` says, with every default filled in. Its keys are those of the file. */
export const sweepConfiguration = z.object({
  sampling,
  policy: terminationPolicy,
  primaryMetricName: z.string(),
  primaryMetricGoal: z.enum(METRIC_GOALS),
  maxTotalRuns: z.int().min(1).max(MOST_TRIALS),
  /** null: all at once */
  maxConcurrentRuns: z.int().min(1).max(MOST_TRIALS).nullable(),
  maxDurationMinutes: z.number().gt(0),
  /** our own: hours of all trials together, each counted from its start to its end; null: no budget */
  maxComputeHours: z.number().gt(0).nullable(),
  /** our own: how often a trial that failed is started again with the same values */
  maxTrialRetries: z.int().min(0),
  /** our own: whether a trial that failed for good gives its place in `maxTotalRuns` to a new one */
  replaceFailedTrials: z.boolean(),
  /** earlier sweeps whose trials are known from the start */
  resumeFrom: z.array(runId),
  /** earlier trials that are continued with their values */
  resumeChildRuns: z.array(runId),
});
export type SweepConfiguration = z.infer<typeof sweepConfiguration>;

/** As the parent's property `primary_metric_config` has it. */
export function primaryMetricOf({ primaryMetricName, primaryMetricGoal }: SweepConfiguration): PrimaryMetric {
  return { name: primaryMetricName, goal: primaryMetricGoal };
}

/** The values of one trial, by the parameter's name; a parameter whose condition does not hold is absent. */
export const trialValues = z.object({
  values: jsonObject,
  /** which option of a nested choice was drawn, by the choice's path; empty when nothing is nested */
  branches: z.record(z.string(), z.int().min(0)),
});
export type TrialValues = z.infer<typeof trialValues>;

/** Seven days, as v1 has it. */
export const DEFAULT_DURATION_MINUTES = 10_080;
