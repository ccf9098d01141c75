import { z } from "zod";
import { jsonObject, jsonValue } from "../json.ts";
import { metricNumber } from "../run/metrics.ts";
import { runId } from "../run/names.ts";
import { runError } from "../run/run.ts";
import { runOutcome } from "../run/state.ts";
import { sweepConfiguration, trialValues } from "./configuration.ts";

/** A number as it was logged; JSON has no NaN and no infinity. */
export type LoggedNumber = z.infer<typeof metricNumber>;

/** A number on its way into JSON, and back. */
export const toLogged = (value: number): LoggedNumber => (Number.isFinite(value) ? value : (String(value) as LoggedNumber));
export const fromLogged = (value: LoggedNumber): number => Number(value);

/** How a trial stands in the journal: `canceled` by a person, a limit or the end of the sweep; `stopped` by the policy. */
export const TRIAL_STATES = ["pending", "finished", "stopped", "failed", "canceled"] as const;
export type JournalTrialState = (typeof TRIAL_STATES)[number];

/** Why a sweep makes no more trials; `failing`: none could begin its script. */
export const CLOSED_BECAUSE = ["duration", "budget", "canceled", "stopped", "error", "failing"] as const;
export type ClosedBecause = (typeof CLOSED_BECAUSE)[number];

/** What a sweep warns of. */
export const NOTED_ABOUT = ["metric missing", "metric no number", "metric not finite", "same scores", "all failed"] as const;
export type NotedAbout = (typeof NOTED_ABOUT)[number];

/** The code of the error of trials that were stopped, or never made, because their sweep was. */
export const SWEEP_CLOSED = "SweepClosed";
/** The code of the error of trials that the policy ended. */
export const EARLY_TERMINATION = "EarlyTermination";

/** What may be changed about a sweep that goes on. */
export const sweepLimits = sweepConfiguration
  .pick({ maxTotalRuns: true, maxConcurrentRuns: true, maxDurationMinutes: true, maxComputeHours: true })
  .partial();
export type SweepLimits = z.infer<typeof sweepLimits>;

const trialNumber = z.int().min(0);

/** An earlier trial that is known from the start. `curve`: its metric by interval, where a policy compares with it. */
export const priorTrial = trialValues.extend({
  state: z.enum(["finished", "stopped", "failed"]),
  score: z.number().nullable(),
  curve: z.array(metricNumber),
});
export type PriorTrial = z.infer<typeof priorTrial>;

/** What a policy decided about a trial at one interval, with its numbers. */
export const policyDecision = z.object({
  trial: trialNumber,
  interval: z.int().min(1),
  decision: z.enum(["continue", "stop"]),
  /** names and numbers of the rule; `rule` is a sentence */
  because: z.object({ rule: z.string() }).catchall(jsonValue),
});

const suggestedTrial = trialValues.extend({
  trial: trialNumber,
  ordinal: z.int().min(0),
  because: jsonObject,
  /** of one that was asked for: by which whoever asked finds it again */
  key: z.string().optional(),
});
const addedTrial = trialValues.extend({
  trial: trialNumber,
  /** by which whoever asked for it finds it again */
  key: z.string().nullable(),
  /** the trial that failed and is tried again with this one */
  of: trialNumber.nullable(),
  /** the earlier run whose outputs it goes on from */
  continues: runId.nullable(),
});

/**
 * What happened in a sweep, each before it has an effect. Everything that was decided follows from the entries before it, so the
 * journal alone says it all again.
 */
export const sweepEntry = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("began"),
    configuration: sweepConfiguration,
    /** false: all trials are asked for by an optimiser elsewhere */
    generates: z.boolean(),
  }),
  /** trials of an earlier sweep that this one knows of */
  z.object({ kind: z.literal("prior"), from: runId, trials: z.array(priorTrial) }),
  /** the sampler was asked for `count` trials; fewer: there are no more */
  z.object({
    kind: z.literal("suggested"),
    count: z.int().min(1),
    exhausted: z.boolean(),
    /** somebody asked for them, and tries them elsewhere */
    isLent: z.literal(true).optional(),
    trials: z.array(suggestedTrial),
  }),
  /** trials that are not the sampler's: asked for, continued, tried again */
  z.object({ kind: z.literal("added"), origin: z.enum(["asked", "continued", "retry"]), trials: z.array(addedTrial) }),
  /** the next values of the primary metric in an attempt of a trial, in the order they were stored */
  z.object({
    kind: z.literal("observed"),
    trial: trialNumber,
    attempt: z.int().min(1),
    /** the attempt goes on from the one before */
    resumes: z.boolean(),
    values: z.array(metricNumber),
  }),
  /** what the policy decided of all that was observed; of a trial's decisions to go on, the last one stands for all */
  z.object({ kind: z.literal("judged"), decisions: z.array(policyDecision) }),
  z.object({
    kind: z.literal("ended"),
    trial: trialNumber,
    state: z.enum(["finished", "stopped", "failed", "canceled"]),
    outcome: runOutcome,
    score: z.number().nullable(),
    intervals: z.int().min(0),
    /** of all its attempts, times its nodes */
    computeSeconds: z.number(),
    error: runError.nullable(),
  }),
  /** something people should know; each thing is said once */
  z.object({ kind: z.literal("noted"), about: z.enum(NOTED_ABOUT), text: z.string() }),
  /** no more trials are made; with `cancels`, those that run are stopped */
  z.object({ kind: z.literal("closed"), because: z.enum(CLOSED_BECAUSE), cancels: z.boolean(), detail: z.string() }),
  /** it goes on, with other limits; one that was closed or finished has its whole duration again */
  z.object({ kind: z.literal("reopened"), limits: sweepLimits, by: z.string().nullable() }),
  z.object({
    kind: z.literal("finished"),
    status: z.enum(["Completed", "Failed", "Canceled"]),
    best: trialNumber.nullable(),
    score: z.number().nullable(),
    error: runError.nullable(),
  }),
]);
export type SweepEntry = z.infer<typeof sweepEntry>;
export type SweepEntryOf<K extends SweepEntry["kind"]> = Extract<SweepEntry, { kind: K }>;

/** Where a sweep's trial lies among runs: numbered by the journal, so that starting it twice is starting it once. */
export const trialRunId = (sweepRunId: string, trial: number): string => `${sweepRunId}_${trial}`;
