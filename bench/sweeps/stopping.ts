// What early termination saves on the real jobs. Values are drawn at random, so that they do not depend on what is stopped;
// every curve is trained in full and shown to the policy epoch by epoch, four trials at a time.
import { decide, suggest, type TrialCurve } from "@switchyard/engine";
import type { TerminationPolicy } from "@switchyard/protocol";
import { type Figure, median } from "../measure.ts";
import type { Job } from "./jobs.ts";
import { spaceOfBench } from "./ours.ts";

const TRIALS = 100;
const AT_ONCE = 4;

interface Rule {
  readonly name: string;
  readonly policy: TerminationPolicy;
  readonly atLeast?: number;
}

const RULES: readonly Rule[] = [
  {
    name: "median stopping (interval 1, delay 5)",
    policy: { type: "MedianStoppingPolicy", evaluationInterval: 1, delayEvaluation: 5 },
    atLeast: 25,
  },
  {
    name: "bandit (slack factor 0.2, delay 5)",
    policy: { type: "BanditPolicy", evaluationInterval: 1, delayEvaluation: 5, slackFactor: 0.2, slackAmount: null },
  },
  {
    name: "truncation (20 %, every 5)",
    policy: {
      type: "TruncationSelectionPolicy",
      evaluationInterval: 5,
      delayEvaluation: 5,
      truncationPercentage: 20,
      excludeFinishedJobs: false,
    },
  },
  { name: "ASHA (η = 3, from epoch 1)", policy: { type: "AshaPolicy", minIntervals: 1, maxIntervals: 27, reductionFactor: 3 } },
  { name: "ASHA (η = 3, from epoch 3)", policy: { type: "AshaPolicy", minIntervals: 3, maxIntervals: 27, reductionFactor: 3 } },
  {
    name: "ASHA (η = 3, from epoch 4)",
    policy: { type: "AshaPolicy", minIntervals: 4, maxIntervals: 27, reductionFactor: 3 },
    atLeast: 60,
  },
  { name: "Hyperband (η = 3, 1 to 27)", policy: { type: "HyperbandPolicy", minIntervals: 1, maxIntervals: 27, reductionFactor: 3 } },
];

interface Run {
  readonly job: string;
  readonly saved: number;
  /** how much worse the best score is than with every trial run in full, relative to it */
  readonly loss: number;
}

export async function* stoppingFigures(jobs: readonly Job[], seeds: number): AsyncGenerator<Figure> {
  const runs = new Map<Rule, Run[]>(RULES.map((rule) => [rule, []]));
  for (const job of jobs) {
    for (let seed = 0; seed < seeds; seed++) {
      const curves = await curvesOf(job, seed);
      for (const rule of RULES) runs.get(rule)!.push({ job: job.name, ...underPolicy(rule.policy, curves) });
    }
  }
  for (const [{ name, atLeast }, all] of runs) {
    const bar = atLeast === undefined ? {} : { bar: { atLeast } };
    yield { what: `${name}: epochs saved`, value: 100 * mean(all.map(({ saved }) => saved)), unit: "%", ...bar };
    yield {
      what: `${name}: searches with the very same best score`,
      value: (100 * all.filter(({ loss }) => loss <= 0).length) / all.length,
      unit: "%",
    };
    const same = jobs.filter((job) => median(all.filter((run) => run.job === job.name).map(({ loss }) => loss)) <= 0);
    yield {
      what: `${name}: jobs on which the median search ends with the very same best score`,
      value: same.length,
      unit: `of ${jobs.length}`,
    };
    yield { what: `${name}: best score worse by, mean`, value: 100 * mean(all.map(({ loss }) => loss)), unit: "%" };
    console.error(`${name}: ${jobs.map((job) => perJob(job.name, all)).join("; ")}`);
  }
}

function perJob(job: string, all: readonly Run[]): string {
  const own = all.filter((run) => run.job === job);
  return `${job} saves ${(100 * mean(own.map(({ saved }) => saved))).toFixed(0)} %, ${own.filter(({ loss }) => loss <= 0).length} of ${own.length} the same`;
}

async function curvesOf(job: Job, seed: number): Promise<(readonly number[])[]> {
  const sampling = {
    type: "random",
    seed,
    multivariate: null,
    startupTrials: null,
    parameterSpace: spaceOfBench(job.parameters),
    properties: {},
  } as const;
  const { suggestions } = suggest({
    sampling: { ...sampling, parameterSpace: [...sampling.parameterSpace] },
    goal: "minimize",
    history: [],
    made: 0,
    count: TRIALS,
  });
  const curves: (readonly number[])[] = [];
  for (const { values } of suggestions) curves.push(await job.train(job.parameters.map(({ name }) => values[name]!)));
  return curves;
}

/** Runs the search with the policy: trials in their order, four at a time, all at the same pace. */
export function underPolicy(policy: TerminationPolicy, full: readonly (readonly number[])[]): { saved: number; loss: number } {
  const shown = full.map((): number[] => []);
  const ended = full.map(() => false);
  const decided = new Map<number, number>();
  const running = new Set<number>();
  let next = 0;
  for (;;) {
    while (running.size < AT_ONCE && next < full.length) running.add(next++);
    if (running.size === 0) break;
    for (const trial of running) shown[trial]!.push(full[trial]![shown[trial]!.length]!);
    const curves = shown.slice(0, next).map((values, trial): TrialCurve => ({ trial, values, ended: ended[trial]! }));
    for (const { trial, interval, decision } of decide({ policy, goal: "minimize", curves, prior: [], decided })) {
      decided.set(trial, interval);
      if (decision === "stop") ended[trial] = true;
    }
    for (const trial of [...running]) {
      if (shown[trial]!.length === full[trial]!.length) ended[trial] = true;
      if (ended[trial]!) running.delete(trial);
    }
  }
  const [best, bestInFull] = [Math.min(...shown.flat()), Math.min(...full.flat())];
  const used = shown.reduce((sum, values) => sum + values.length, 0);
  const all = full.reduce((sum, values) => sum + values.length, 0);
  return { saved: 1 - used / all, loss: (best - bestInFull) / Math.abs(bestInFull) };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
