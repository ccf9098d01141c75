import type { Expression, JsonObject, SamplingType } from "@switchyard/protocol";

/** What is varied: expressions by the name of the script's argument, with or without its dashes. */
export type ParameterSpace = Readonly<Record<string, Expression>>;

export interface SamplingOptions {
  /** the same seed suggests the same again; without one it is drawn at submit, and kept */
  readonly seed?: number;
}

/** How values are chosen. */
class ParameterSampling {
  readonly type: SamplingType;
  readonly space: ParameterSpace;
  readonly options: JsonObject;

  constructor(type: SamplingType, space: ParameterSpace, options: JsonObject) {
    this.type = type;
    this.space = space;
    this.options = options;
  }

  toJSON(): JsonObject {
    const parameterSpace = Object.entries(this.space).map(([name, expression]) => ({ name, expression }));
    return { type: this.type, ...this.options, parameterSpace };
  }
}

export type { ParameterSampling };

/** At random; only choices: no combination twice. */
export class RandomParameterSampling extends ParameterSampling {
  constructor(space: ParameterSpace, options: SamplingOptions = {}) {
    super("random", space, { ...options });
  }
}

/** Every combination once; choices only. */
export class GridParameterSampling extends ParameterSampling {
  constructor(space: ParameterSpace) {
    super("grid", space, {});
  }
}

/** By a model of what was good so far (tree-structured Parzen estimator). */
export class BayesianParameterSampling extends ParameterSampling {
  constructor(space: ParameterSpace, options: SamplingOptions & { readonly multivariate?: boolean; readonly startupTrials?: number } = {}) {
    super("bayesian", space, { ...options });
  }
}

/** Evenly over the space (Sobol's sequence, scrambled): our own addition. */
export class SobolParameterSampling extends ParameterSampling {
  constructor(space: ParameterSpace, options: SamplingOptions = {}) {
    super("sobol", space, { ...options });
  }
}
