// How long one suggestion takes among many finished trials in ten dimensions.
import { suggest, type TrialObservation } from "@switchyard/engine";
import { type Figure, median } from "../measure.ts";
import { spaceOfBench } from "./ours.ts";
import { PythonProcess } from "./python.ts";

const DIMENSIONS = 10;
const PARAMETERS = Array.from({ length: DIMENSIONS }, (_, index) => ({ name: `x${index}`, kind: "float" as const, low: 0, high: 1 }));
const REPEATS = 15;

export async function* speedFigures(): AsyncGenerator<Figure> {
  for (const [finished, atMost] of [
    [500, 20],
    [10_000, 200],
  ] as const) {
    const { wall, processor } = ourMilliseconds(finished);
    yield {
      what: `a suggestion among ${finished.toLocaleString("en")} finished trials in 10 dimensions, median`,
      value: wall,
      unit: "ms",
      bar: { atMost },
    };
    // what it would take alone on the machine
    yield { what: `the same among ${finished.toLocaleString("en")}, processor time, median`, value: processor, unit: "ms" };
    const theirs = await optunaMilliseconds(finished);
    yield { what: `baseline: Optuna's TPE among ${finished.toLocaleString("en")}, in memory`, value: theirs, unit: "ms" };
    yield { what: `Optuna's TPE ÷ ours among ${finished.toLocaleString("en")}`, value: theirs / wall, unit: "×" };
  }
}

function ourMilliseconds(finished: number): { wall: number; processor: number } {
  const sampling = {
    type: "bayesian",
    seed: 1,
    multivariate: null,
    startupTrials: null,
    parameterSpace: spaceOfBench(PARAMETERS),
    properties: {},
  } as const;
  const drawn = suggest({
    sampling: { ...sampling, type: "random", parameterSpace: [...sampling.parameterSpace] },
    goal: "minimize",
    history: [],
    made: 0,
    count: finished,
  });
  const history = drawn.suggestions.map(
    ({ values, branches }, number): TrialObservation => ({
      number,
      values,
      branches,
      state: "finished",
      score: scoreOf(Object.values(values) as number[]),
    }),
  );
  const wall: number[] = [];
  const processor: number[] = [];
  for (let repeat = 0; repeat < REPEATS; repeat++) {
    const began = performance.now();
    const used = process.cpuUsage();
    suggest({
      sampling: { ...sampling, parameterSpace: [...sampling.parameterSpace] },
      goal: "minimize",
      history,
      made: finished + repeat,
      count: 1,
    });
    wall.push(performance.now() - began);
    const { user, system } = process.cpuUsage(used);
    processor.push((user + system) / 1000);
  }
  return { wall: median(wall), processor: median(processor) };
}

async function optunaMilliseconds(finished: number): Promise<number> {
  const python = new PythonProcess("contenders.py");
  try {
    const { seconds } = await python.ask<{ seconds: number[] }>({ speed: finished, parameters: PARAMETERS, repeats: REPEATS });
    return 1000 * median(seconds);
  } finally {
    python.close();
  }
}

function scoreOf(x: readonly number[]): number {
  return x.reduce((sum, value, index) => sum + (value - 0.3 - 0.04 * index) ** 2, 0);
}
