import { z } from "zod";
import { jsonObject } from "../json.ts";
import { metricNumber } from "../run/metrics.ts";
import { experimentName, runId, workspaceName } from "../run/names.ts";
import { instant, runError } from "../run/run.ts";
import { runStatus } from "../run/state.ts";
import { sweepConfiguration, trialValues } from "./configuration.ts";
import { CLOSED_BECAUSE, policyDecision, TRIAL_STATES } from "./journal.ts";

/** One trial of a sweep. */
export const sweepTrial = trialValues.extend({
  /** from 0, in the order of the journal; its run is `<sweep>_<trial>` */
  trial: z.int(),
  runId,
  /** who chose its values: the sweep's sampler (`lent`: for somebody who tries them elsewhere), an optimiser elsewhere, or an earlier trial */
  origin: z.enum(["sampler", "lent", "asked", "continued", "retry"]),
  /** what may be wrong about its values, where an optimiser elsewhere chose them */
  warnings: z.array(z.string()),
  key: z.string().nullable(),
  /** the trial that failed, or was cut off, and is tried again with this one */
  retryOf: z.int().nullable(),
  /** the earlier run whose outputs it goes on from */
  continues: runId.nullable(),
  /** what the values are on the command line, behind the fixed arguments */
  arguments: z.array(z.string()),
  /** how the journal has it; `pending` until it has ended */
  state: z.enum(TRIAL_STATES),
  /** of its run; null while that waits for its turn, or when it was never made */
  status: runStatus.nullable(),
  /** its best value of the primary metric so far */
  score: z.number().nullable(),
  /** how often it logged the primary metric */
  intervals: z.int(),
  computeSeconds: z.number(),
  error: runError.nullable(),
  /** what the policy last decided about it, with its numbers */
  decision: policyDecision.nullable(),
  /** how the sampler came to its values */
  because: jsonObject.nullable(),
  suggestedUtc: instant,
  endTimeUtc: instant.nullable(),
});
export type SweepTrial = z.infer<typeof sweepTrial>;

/** A sweep with its trials. */
export const sweep = z.object({
  runId,
  workspace: workspaceName,
  experimentName,
  target: z.string(),
  status: runStatus,
  error: runError.nullable(),
  warnings: z.array(z.string()),
  createdUtc: instant,
  endTimeUtc: instant.nullable(),
  configuration: sweepConfiguration,
  /** false: an optimiser elsewhere asks for all trials */
  generates: z.boolean(),
  /** how many entries its journal has: what changes a sweep makes this greater */
  entries: z.int(),
  /** how many combinations the space has, in digits; null when they cannot be counted */
  spaceSize: z.string().nullable(),
  /** there is no combination left to try */
  exhausted: z.boolean(),
  /** why no more trials are made, when that is not because all are there */
  closed: z.object({ because: z.enum(CLOSED_BECAUSE), cancels: z.boolean(), detail: z.string() }).nullable(),
  counts: z.record(z.enum(TRIAL_STATES), z.int()),
  computeHours: z.number(),
  best: z.object({ trial: z.int(), runId, score: z.number(), values: jsonObject }).nullable(),
  trials: z.array(sweepTrial),
});
export type Sweep = z.infer<typeof sweep>;

/** What came of a sweep, in numbers. */
export const sweepReport = z.object({
  sweep,
  /** trials that were better than all before them, in the order in which trials ended; `trials`: how many had a score by then */
  trajectory: z.array(z.object({ trials: z.int(), trial: z.int().nullable(), score: z.number(), endTimeUtc: instant.nullable() })),
  /** which share of the differences between scores each parameter alone explains; null when there is too little to say */
  importance: z.array(z.object({ parameter: z.string(), share: z.number() })).nullable(),
  /** the primary metric by interval, thinned out, where a policy looked at it; empty where none did */
  curves: z.array(z.object({ trial: z.int(), intervals: z.array(z.int()), values: z.array(metricNumber) })),
  /** what early termination saved against running every trial to its end, an estimate; null when nobody can say what is full */
  saved: z
    .object({
      stopped: z.int(),
      fullIntervals: z.number(),
      intervals: z.number(),
      intervalShare: z.number(),
      seconds: z.number().nullable(),
      secondsShare: z.number().nullable(),
    })
    .nullable(),
});
export type SweepReport = z.infer<typeof sweepReport>;

/** Whether a journal says what would be decided again: the first entry that it does not, with both versions. */
export const sweepReplay = z.object({
  runId,
  identical: z.boolean(),
  entries: z.int(),
  suggestions: z.int(),
  decisions: z.int(),
  difference: z.object({ entry: z.int(), what: z.string(), recorded: jsonObject, recomputed: jsonObject }).nullable(),
});
export type SweepReplay = z.infer<typeof sweepReplay>;
