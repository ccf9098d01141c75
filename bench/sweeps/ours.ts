import { type SuggestionRequest, suggest, type TrialObservation } from "@switchyard/engine";
import type { Expression, JsonValue, SweepParameter } from "@switchyard/protocol";
import type { BenchParameter } from "./functions.ts";

/** The same parameters as the expressions of a sweep. */
export function spaceOfBench(parameters: readonly BenchParameter[]): SweepParameter[] {
  return parameters.map((parameter) => ({ name: parameter.name, expression: expressionOf(parameter), when: null }));
}

function expressionOf(parameter: BenchParameter): Expression {
  if (parameter.kind === "choice") return ["choice", [parameter.options]];
  const { low, high, log } = parameter;
  const range = log ? [Math.log(low), Math.log(high)] : [low, high];
  if (parameter.kind === "int") return [log ? "qloguniform" : "quniform", [...range, 1]];
  return [log ? "loguniform" : "uniform", range];
}

/** One search by Switchyard's own samplers, one trial after the other. */
export class OurStudy {
  readonly #sampling: SuggestionRequest["sampling"];
  readonly #history: TrialObservation[] = [];
  readonly #names: readonly string[];

  constructor(
    parameters: readonly BenchParameter[],
    type: "random" | "bayesian" | "sobol",
    seed: number,
    multivariate: boolean | null = null,
  ) {
    const parameterSpace = spaceOfBench(parameters);
    this.#names = parameters.map(({ name }) => name);
    this.#sampling = { type, seed, multivariate, startupTrials: null, parameterSpace, properties: {} };
  }

  ask(): readonly JsonValue[] {
    const request = { sampling: this.#sampling, goal: "minimize", history: this.#history, made: this.#history.length, count: 1 } as const;
    const [suggestion] = suggest(request).suggestions;
    const { values, branches } = suggestion!;
    this.#history.push({ number: this.#history.length, state: "pending", score: null, values, branches });
    return this.#names.map((name) => values[name]!);
  }

  tell(score: number): void {
    const last = this.#history.length - 1;
    this.#history[last] = { ...this.#history[last]!, state: "finished", score };
  }
}
