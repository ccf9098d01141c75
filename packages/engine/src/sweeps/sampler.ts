import type { MetricGoal, Sampling, TrialValues } from "@switchyard/protocol";
import type { TrialObservation } from "./trial.ts";

/** What the next values are asked with. The answer is a function of this alone, on every machine. */
export interface SuggestionRequest {
  readonly sampling: Sampling & { readonly seed: number };
  readonly goal: MetricGoal;
  /**
   * The sweep's trials in the order of their numbers, those that are still pending too, then (or before) those of
   * earlier sweeps, whose number is null.
   */
  readonly history: readonly TrialObservation[];
  /**
   * How many suggestions this sampler has made for this sweep before; the next one is derived from the seed and this
   * number. Trials that were not its suggestions (continued children) do not count.
   */
  readonly made: number;
  readonly count: number;
}

/** One set of values, and how they came about. */
export interface Suggestion extends TrialValues {
  /** which suggestion of the sampler this is, from 0 */
  readonly ordinal: number;
  readonly because: SuggestionReason;
}

/** The numbers behind a suggestion, for people. `phase`: a random start, or the model. */
export type SuggestionReason =
  | { readonly sampler: "random" | "grid" | "sobol" }
  | { readonly sampler: "bayesian"; readonly phase: "startup"; readonly observed: number }
  | {
      readonly sampler: "bayesian";
      readonly phase: "model";
      /** finished trials that the model was built of, how many of them count as good, and the score that parts them */
      readonly observed: number;
      readonly good: number;
      readonly threshold: number;
      /** logarithm of the chosen values' density among the good over that among the others */
      readonly logRatio: number;
    };

/** `exhausted`: there is no further set of values, so fewer than were asked for may have come. */
export interface Suggestions {
  readonly suggestions: readonly Suggestion[];
  readonly exhausted: boolean;
}

/** Chooses values. Pure: remembers nothing between calls and reads no clock. */
export type Sampler = (request: SuggestionRequest) => Suggestions;
