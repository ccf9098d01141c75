import type { JsonObject, MetricGoal } from "@switchyard/protocol";
import type { TerminationPolicy } from "./policies.ts";
import type { ParameterSampling } from "./sampling.ts";

/** Which way a metric is good. */
export const PrimaryMetricGoal = { MAXIMIZE: "maximize", MINIMIZE: "minimize" } as const satisfies Record<string, MetricGoal>;

/** What a sweep is told. What is left out has the default of Azure ML v1. */
export interface HyperDriveOptions {
  /** null: an optimiser of your own chooses all values, by `addTrial` */
  readonly hyperparameterSampling: ParameterSampling | null;
  /** our own; false: it makes no trials by itself, and suggests them to whoever tries them (`suggest`) */
  readonly generates?: boolean;
  readonly primaryMetricName: string;
  readonly primaryMetricGoal: MetricGoal;
  readonly maxTotalRuns: number;
  readonly maxConcurrentRuns?: number;
  readonly maxDurationMinutes?: number;
  readonly policy?: TerminationPolicy;
  /** up to five earlier sweeps whose trials are known from the start */
  readonly resumeFrom?: readonly string[];
  /** earlier trials that are continued with their values and outputs */
  readonly resumeChildRuns?: readonly string[];
  /** our own: hours that all trials together may compute */
  readonly maxComputeHours?: number;
  /** our own: how often a trial that failed is tried again */
  readonly maxTrialRetries?: number;
  /** our own: a trial that failed for good gives its place to a new one */
  readonly replaceFailedTrials?: boolean;
}

/** The configuration of a sweep; as JSON it is what `submitSweep` takes and `hdconfig.yml` says. */
export class HyperDriveConfig {
  readonly options: HyperDriveOptions;

  constructor(options: HyperDriveOptions) {
    this.options = options;
  }

  /** Whether the sweep makes trials by itself. */
  get generates(): boolean {
    return this.options.generates ?? this.options.hyperparameterSampling !== null;
  }

  toJSON(): JsonObject {
    const { hyperparameterSampling, generates: _, policy, resumeFrom, resumeChildRuns, ...others } = this.options;
    return {
      ...others,
      sampling: hyperparameterSampling?.toJSON() ?? { type: "random", parameterSpace: [] },
      ...(policy === undefined ? {} : { policy: policy.toJSON() }),
      ...(resumeFrom === undefined ? {} : { resumeFrom: [...resumeFrom] }),
      ...(resumeChildRuns === undefined ? {} : { resumeChildRuns: [...resumeChildRuns] }),
    };
  }
}
