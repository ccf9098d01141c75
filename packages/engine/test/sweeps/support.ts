import type { Expression, MetricGoal, Sampling, SamplingType, SweepParameter } from "@switchyard/protocol";
import { type Suggestion, type SuggestionRequest, suggest, type TrialObservation } from "../../src/index.ts";

export function parameter(name: string, expression: Expression, when: SweepParameter["when"] = null): SweepParameter {
  return { name, expression, when };
}

export function sampling(type: SamplingType, parameterSpace: SweepParameter[], seed = 1): Sampling & { seed: number } {
  return { type, seed, multivariate: null, startupTrials: null, parameterSpace, properties: {} };
}

export function request(of: Sampling & { seed: number }, more: Partial<SuggestionRequest> = {}): SuggestionRequest {
  return { sampling: of, goal: "minimize", history: [], made: 0, count: 1, ...more };
}

export function observation(
  number: number | null,
  { values, branches }: Pick<Suggestion, "values" | "branches">,
  score: number | null,
): TrialObservation {
  return { number, values, branches, score, state: score === null ? "failed" : "finished" };
}

/** Runs a search of some trials, `atOnce` of them at a time, and gives all that was suggested. */
export function search(
  of: Sampling & { seed: number },
  score: (values: Suggestion["values"]) => number | null,
  { trials = 30, atOnce = 1, goal = "minimize" as MetricGoal } = {},
): { suggestions: Suggestion[]; history: TrialObservation[] } {
  const suggestions: Suggestion[] = [];
  const history: TrialObservation[] = [];
  while (suggestions.length < trials) {
    const next = suggest(request(of, { history, made: suggestions.length, count: Math.min(atOnce, trials - suggestions.length), goal }));
    for (const suggestion of next.suggestions) {
      history.push(observation(suggestions.length, suggestion, score(suggestion.values)));
      suggestions.push(suggestion);
    }
    if (next.exhausted) break;
  }
  return { suggestions, history };
}
