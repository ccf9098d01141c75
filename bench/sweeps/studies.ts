// One search by one of the contenders, whoever's it is: asked for values, told their score.
import type { JsonValue } from "@switchyard/protocol";
import type { BenchParameter } from "./functions.ts";
import { OurStudy } from "./ours.ts";
import { PythonProcess } from "./python.ts";

export const OURS = "Switchyard";
export const OPTUNA = "Optuna TPE";
export const RANDOM = "random";
export const HYPEROPT = "Hyperopt TPE";
export const SKOPT = "scikit-optimize GP";

const PYTHON_NAMES: Readonly<Record<string, string>> = { [OPTUNA]: "optuna", [HYPEROPT]: "hyperopt", [SKOPT]: "skopt" };

export interface Objective {
  readonly name: string;
  readonly parameters: readonly BenchParameter[];
  score(values: readonly JsonValue[]): number | Promise<number>;
}

/** Searches; shares one Python process among all of them. */
export class Studies {
  readonly #python = new PythonProcess("contenders.py");

  /** The best score after each trial. */
  async run(contender: string, objective: Objective, seed: number, trials: number): Promise<number[]> {
    const study =
      contender in PYTHON_NAMES
        ? new TheirStudy(this.#python, PYTHON_NAMES[contender]!, objective.parameters, seed)
        : ours(contender, objective, seed);
    const best: number[] = [];
    for (let trial = 0; trial < trials; trial++) {
      const score = await objective.score(await study.ask());
      study.tell(score);
      best.push(Math.min(best.at(-1) ?? Infinity, score));
    }
    return best;
  }

  close(): void {
    this.#python.close();
  }
}

function ours(contender: string, { parameters }: Objective, seed: number): OurStudy {
  return new OurStudy(parameters, contender === RANDOM ? "random" : "bayesian", seed);
}

class TheirStudy {
  readonly #python: PythonProcess;
  #next: Promise<{ ask: readonly JsonValue[] }>;
  #score: number | null = null;

  constructor(python: PythonProcess, name: string, parameters: readonly BenchParameter[], seed: number) {
    this.#python = python;
    this.#next = python.ask({ start: name, parameters, seed });
  }

  async ask(): Promise<readonly JsonValue[]> {
    if (this.#score !== null) this.#next = this.#python.ask({ tell: this.#score });
    return (await this.#next).ask;
  }

  tell(score: number): void {
    this.#score = score;
  }
}
