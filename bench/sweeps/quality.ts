// Final regret after 100 trials, on test functions and real training jobs, by us and by others.
import type { Figure } from "../measure.ts";
import { geometricMean, middle, shareBelow, signedRank } from "./statistics.ts";
import type { Objective } from "./studies.ts";
import { HYPEROPT, OPTUNA, OURS, RANDOM, type Studies } from "./studies.ts";

export interface Task extends Objective {
  /** the best possible score; null: the best that anybody found */
  readonly minimum: number | null;
}

/** For each contender the final scores of all seeds. */
export type Results = ReadonlyMap<string, readonly number[]>;
export interface Outcome {
  readonly task: Task;
  readonly results: Results;
}

export async function compare(
  studies: Studies,
  tasks: readonly Task[],
  contenders: readonly string[],
  seeds: number,
  trials: number,
): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const task of tasks) {
    const results = new Map<string, number[]>();
    for (const contender of contenders) {
      const finals: number[] = [];
      for (let seed = 0; seed < seeds; seed++) finals.push((await studies.run(contender, task, seed, trials)).at(-1)!);
      results.set(contender, finals);
    }
    outcomes.push({ task, results });
    console.error(`${task.name}: ${contenders.map((contender) => `${contender} ${short(middle(results.get(contender)!))}`).join(", ")}`);
  }
  return outcomes;
}

/** The table for docs/benchmarks.md: median final regret, and how often ours is below Optuna's. */
export function qualityTable(outcomes: readonly Outcome[], contenders: readonly string[]): string {
  const head = ["task", "parameters", ...contenders, "ours below Optuna's"];
  const rows = outcomes.map(({ task, results }) => {
    const regrets = contenders.map((contender) => regretOf({ task, results }, contender));
    const best = Math.min(...regrets);
    const cells = regrets.map((regret) => (regret <= best + 1e-12 ? `**${short(regret)}**` : short(regret)));
    const won = shareBelow(results.get(OURS)!, results.get(OPTUNA)!);
    return [task.name, String(task.parameters.length), ...cells, `${Math.round(100 * won)} %`];
  });
  return [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

export function* qualityFigures(outcomes: readonly Outcome[]): Generator<Figure> {
  const of = (contender: string) => outcomes.map((outcome) => regretOf(outcome, contender));
  const [ours, optuna, random] = [of(OURS), of(OPTUNA), of(RANDOM)];
  const noWorse = ours.filter((regret, index) => regret <= optuna[index]! + 1e-12).length;
  yield {
    what: "tasks on which the median final regret is no worse than Optuna's TPE",
    value: (100 * noWorse) / outcomes.length,
    unit: "%",
    bar: { atLeast: 60 },
  };
  yield {
    what: "chance that one search of ours ends below one of Optuna's, mean of the tasks",
    value: 100 * mean(outcomes.map(({ results }) => shareBelow(results.get(OURS)!, results.get(OPTUNA)!))),
    unit: "%",
  };
  yield {
    what: "ours ÷ Optuna's median final regret, geometric mean",
    value: geometricMean(ours.map((regret, index) => [regret, optuna[index]!] as const)),
    unit: "×",
  };
  yield {
    what: "Wilcoxon's signed-rank test that ours is below Optuna's, over the tasks (p, one-sided)",
    value: wilcoxon(ours, optuna),
    unit: "",
  };
  yield {
    what: "Wilcoxon's signed-rank test that ours is below random, over the tasks (p, one-sided)",
    value: wilcoxon(ours, random),
    unit: "",
    bar: { atMost: 0.01 },
  };
  yield {
    what: "ours ÷ random's median final regret, geometric mean",
    value: geometricMean(ours.map((regret, index) => [regret, random[index]!] as const)),
    unit: "×",
  };
  if (!outcomes.every(({ results }) => results.has(HYPEROPT))) return;
  const hyperopt = of(HYPEROPT);
  const share = ours.filter((regret, index) => regret <= hyperopt[index]! + 1e-12).length / outcomes.length;
  yield { what: "tasks on which the median final regret is no worse than Hyperopt's TPE", value: 100 * share, unit: "%" };
}

/** Differences are taken relative to the larger of the two, since regrets of different tasks have no common measure. */
function wilcoxon(a: readonly number[], b: readonly number[]): number {
  return signedRank(a.map((x, index) => (x === b[index] ? 0 : (x - b[index]!) / Math.max(x, b[index]!))));
}

function regretOf({ task, results }: Outcome, contender: string): number {
  const minimum = task.minimum ?? Math.min(...[...results.values()].flat());
  return Math.max(0, middle(results.get(contender)!) - minimum);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function short(value: number): string {
  return Math.abs(value) >= 1000 || (value !== 0 && Math.abs(value) < 0.001) ? value.toExponential(2) : value.toPrecision(3);
}
