import type { JsonObject, PolicyType } from "@switchyard/protocol";

/** When a policy looks at a trial: at intervals that `evaluationInterval` divides, and not before `delayEvaluation`. */
export interface PolicyTimes {
  readonly evaluationInterval?: number;
  readonly delayEvaluation?: number;
}

/** What ends trials early. */
class TerminationPolicy {
  readonly type: PolicyType;
  readonly options: JsonObject;

  constructor(type: PolicyType, options: JsonObject) {
    this.type = type;
    this.options = options;
  }

  toJSON(): JsonObject {
    return { type: this.type, ...this.options };
  }
}

export type { TerminationPolicy };

/** Ends trials that are worse than the best by more than a factor or an amount; exactly one of the two. */
export class BanditPolicy extends TerminationPolicy {
  constructor(options: PolicyTimes & ({ readonly slackFactor: number } | { readonly slackAmount: number })) {
    super("BanditPolicy", { ...options });
  }
}

/** Ends trials whose best value is worse than the median of all trials' averages. */
export class MedianStoppingPolicy extends TerminationPolicy {
  constructor(options: PolicyTimes = {}) {
    super("MedianStoppingPolicy", { ...options });
  }
}

/** Ends the worst share of the trials. */
export class TruncationSelectionPolicy extends TerminationPolicy {
  constructor(options: PolicyTimes & { readonly truncationPercentage: number; readonly excludeFinishedJobs?: boolean }) {
    super("TruncationSelectionPolicy", { ...options });
  }
}

/** Lets every trial run to its end. */
export class NoTerminationPolicy extends TerminationPolicy {
  constructor() {
    super("NoTerminationPolicy", {});
  }
}

/** Asynchronous successive halving: of the trials that reached a rung, the best 1/reductionFactor go on. Our own addition. */
export class AshaPolicy extends TerminationPolicy {
  constructor(options: { readonly minIntervals?: number; readonly maxIntervals?: number; readonly reductionFactor?: number } = {}) {
    super("AshaPolicy", { ...options });
  }
}

/** Several brackets of successive halving, each with another first rung. Our own addition. */
export class HyperbandPolicy extends TerminationPolicy {
  constructor(options: { readonly maxIntervals: number; readonly minIntervals?: number; readonly reductionFactor?: number }) {
    super("HyperbandPolicy", { ...options });
  }
}
