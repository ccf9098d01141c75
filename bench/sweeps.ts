// How well and how fast values are found, beside Optuna and Hyperopt, and what early termination saves.
//
// `--quick`: few seeds and tasks, to see that it runs. The full table takes an hour or two of two cores.
import type { Benchmark, Figure } from "./measure.ts";
import { TEST_FUNCTIONS } from "./sweeps/functions.ts";
import { Jobs, taskOfJob } from "./sweeps/jobs.ts";
import { preparePython } from "./sweeps/python.ts";
import { compare, qualityFigures, qualityTable, type Task } from "./sweeps/quality.ts";
import { speedFigures } from "./sweeps/speed.ts";
import { stoppingFigures } from "./sweeps/stopping.ts";
import { HYPEROPT, OPTUNA, OURS, RANDOM, SKOPT, Studies } from "./sweeps/studies.ts";

const QUICK = process.argv.includes("--quick");
const SEEDS = QUICK ? 3 : 20;
const STOPPING_SEEDS = QUICK ? 1 : 5;
const TRIALS = 100;
/** A Gaussian process takes a second for a suggestion here, so it is asked only when it is wished for. */
const CONTENDERS = [OURS, OPTUNA, HYPEROPT, ...(process.argv.includes("--with-skopt") ? [SKOPT] : []), RANDOM];

export const sweeps: Benchmark = {
  name: "sweeps",
  async run() {
    console.error(preparePython());
    const figures: Figure[] = [];
    for await (const figure of speedFigures()) figures.push(figure);
    const jobs = new Jobs();
    const studies = new Studies();
    try {
      const all = await jobs.all();
      for await (const figure of stoppingFigures(all, STOPPING_SEEDS)) figures.push(figure);
      const functions = TEST_FUNCTIONS.map((each): Task => ({ ...each, score: (x) => each.value(x) }));
      const tasks = [...functions, ...all.map(taskOfJob)].filter((_, index) => !QUICK || index % 6 === 0);
      const outcomes = await compare(studies, tasks, CONTENDERS, SEEDS, TRIALS);
      console.error(`\n${qualityTable(outcomes, CONTENDERS)}\n`);
      figures.push(...qualityFigures(outcomes));
    } finally {
      studies.close();
      jobs.close();
    }
    return figures;
  },
};
