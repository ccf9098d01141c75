// What every contender is asked to do. All of them run at once, and each piece of work is done in blocks, one contender after
// another and again: so what else the machine does meets all of them alike.
import { readdirSync, readFileSync } from "node:fs";
import { median, memoryOf, seconds } from "../measure.ts";
import { type Ask, client } from "./client.ts";
import type { Contender, Running } from "./contenders.ts";

/** Rates a second, and megabytes; what was not asked for is absent. */
export interface Work {
  readonly batches?: number;
  readonly singles?: number;
  readonly crowd?: number;
  readonly searches?: number;
  readonly histories?: number;
  readonly memory?: number;
}

/** `WORK=singles,searches` measures these alone. */
const ASKED = process.env.WORK?.split(",");

const RUNS = Number(process.env.RUNS ?? 10_000);
const BLOCKS = Number(process.env.BLOCKS ?? 9);
const POINTS = 100_000;
const CROWD = 8;

/** One contender that is up, and what it is asked with. */
interface Subject {
  readonly contender: Contender;
  readonly running: Running;
  readonly ask: Ask;
  readonly experimentId: string;
}

/** The figures of servers that share a database engine, measured together. */
export async function measureTogether(contenders: readonly Contender[]): Promise<Map<Contender, Work>> {
  const subjects: Subject[] = [];
  try {
    for (const contender of contenders) subjects.push(await start(contender));
    const done = new Map<Contender, Work>(subjects.map(({ contender }) => [contender, {}]));
    for (const [key, { what, blocks, measurement }] of Object.entries(MEASUREMENTS)) {
      if (ASKED !== undefined && !ASKED.includes(key)) continue;
      for (const [contender, rate] of await inTurn(what, subjects, blocks, measurement))
        done.set(contender, { ...done.get(contender), [key]: rate });
    }
    for (const { contender, running } of subjects) done.set(contender, { ...done.get(contender), memory: memoryOfTree(running.pid) });
    return done;
  } finally {
    for (const { running } of subjects) await running.stop();
  }
}

async function start(contender: Contender): Promise<Subject> {
  const running = await contender.start();
  const ask = client(running);
  return { contender, running, ask, experimentId: await idOf(ask("experiments/create", { name: "bench" }), "experiment_id") };
}

/** Makes a measurement ready and gives what takes one block of it: a rate a second. */
type Measurement = (subject: Subject) => Promise<() => Promise<number>>;

/** The median of each contender's blocks; the first block of each is for warming up. */
async function inTurn(
  what: string,
  subjects: readonly Subject[],
  blocks: number,
  measurement: Measurement,
): Promise<Map<Contender, number>> {
  const ready: { contender: Contender; block: () => Promise<number>; rates: number[] }[] = [];
  for (const subject of subjects) ready.push({ contender: subject.contender, block: await measurement(subject), rates: [] });
  for (let at = 0; at <= blocks; at++) {
    for (const { block, rates } of ready) {
      const rate = await block();
      if (at > 0) rates.push(rate);
    }
  }
  for (const { contender, rates } of ready)
    console.error(`${what}: ${contender.name}: ${rates.map((rate) => Number(rate.toPrecision(3))).join(" ")}`);
  return new Map(ready.map(({ contender, rates }) => [contender, median(rates)]));
}

/** The rate of one piece of work, from the median of several. */
async function rateOf(times: number, work: (at: number) => Promise<unknown>): Promise<number> {
  const taken: number[] = [];
  for (let at = 0; at < times; at++) taken.push(await seconds(() => work(at)));
  return 1 / median(taken);
}

const idOf = async (answer: Promise<Record<string, unknown>>, name: string) => String((await answer)[name]);

async function newRun(ask: Ask, experimentId: string): Promise<string> {
  const { run } = (await ask("runs/create", { experiment_id: experimentId, start_time: Date.now() })) as {
    run: { info: { run_id: string } };
  };
  return run.info.run_id;
}

/** Batches of 1,000 values: a hundred metrics, ten steps each. */
async function logBatches({ ask, experimentId }: Subject) {
  const runId = await newRun(ask, experimentId);
  let batch = 0;
  return () =>
    rateOf(3, async () => {
      const first = batch++ * 10;
      const metrics = Array.from({ length: 1000 }, (_, at) => {
        const step = first + Math.floor(at / 100);
        return { key: `metric_${at % 100}`, value: Math.random(), timestamp: 1_700_000_000_000 + step, step };
      });
      await ask("runs/log-batch", { run_id: runId, metrics });
    });
}

async function logSingles({ ask, experimentId }: Subject) {
  const runId = await newRun(ask, experimentId);
  let step = 0;
  return () => rateOf(60, () => ask("runs/log-metric", metricAt(runId, step++)));
}

const metricAt = (runId: string, step: number) => ({
  run_id: runId,
  key: "loss",
  value: Math.random(),
  timestamp: 1_700_000_000_000 + step,
  step,
});

/** Clients with a run each, at once. */
async function logInCrowd({ running, ask, experimentId }: Subject) {
  const clients = await Promise.all(
    Array.from({ length: CROWD }, async () => ({ ask: client(running), runId: await newRun(ask, experimentId) })),
  );
  let block = 0;
  return async () => {
    const first = block++ * 20;
    const all = () =>
      Promise.all(
        clients.map(async ({ ask, runId }) => {
          for (let at = 0; at < 20; at++) await ask("runs/log-metric", metricAt(runId, first + at));
        }),
      );
    return (CROWD * 20) / (await seconds(all));
  };
}

async function readHistory({ ask, experimentId }: Subject) {
  const runId = await newRun(ask, experimentId);
  for (let from = 0; from < POINTS; from += 1000) {
    const metrics = Array.from({ length: 1000 }, (_, at) => {
      return { key: "loss", value: Math.random(), timestamp: 1_700_000_000_000 + from + at, step: from + at };
    });
    await ask("runs/log-batch", { run_id: runId, metrics });
  }
  return () =>
    rateOf(1, async () => {
      const { metrics } = (await ask(`metrics/get-history?run_id=${runId}&metric_key=loss`)) as { metrics: unknown[] };
      if (metrics.length !== POINTS) throw new Error(`${metrics.length} points came, not ${POINTS}`);
    });
}

/** The page of 100 that a person looks at, out of the half of the runs that fit. */
async function search({ running, ask }: Subject) {
  const experimentId = await idOf(ask("experiments/create", { name: "searched" }), "experiment_id");
  if (running.seed) await running.seed({ id: experimentId, name: "searched" }, RUNS);
  else await seed(ask, experimentId);
  const query = {
    experiment_ids: [experimentId],
    filter: `metrics.score > 0.5 and params.lr = '0.1'`,
    max_results: 100,
    order_by: ["metrics.score DESC"],
  };
  return () =>
    rateOf(3, async () => {
      const { runs } = (await ask("runs/search", query)) as { runs: unknown[] };
      if (runs.length !== 100) throw new Error(`${runs.length} runs came, not 100`);
    });
}

async function seed(ask: Ask, experimentId: string): Promise<void> {
  const one = async (at: number) => {
    const runId = await newRun(ask, experimentId);
    const metrics = [{ key: "score", value: ((at * 7919) % RUNS) / RUNS, timestamp: 1_700_000_000_000, step: 0 }];
    await ask("runs/log-batch", { run_id: runId, metrics, params: [{ key: "lr", value: "0.1" }] });
  };
  for (let at = 0; at < RUNS; at += 20) await Promise.all(Array.from({ length: Math.min(20, RUNS - at) }, (_, i) => one(at + i)));
}

const MEASUREMENTS: Readonly<Record<Exclude<keyof Work, "memory">, { what: string; blocks: number; measurement: Measurement }>> = {
  batches: { what: "log_batch", blocks: 5, measurement: logBatches },
  singles: { what: "log_metric", blocks: BLOCKS, measurement: logSingles },
  crowd: { what: "log_metric, eight clients", blocks: 5, measurement: logInCrowd },
  histories: { what: "history", blocks: 5, measurement: readHistory },
  searches: { what: "search", blocks: BLOCKS, measurement: search },
};

/** Resident memory of a process and all that it started. */
function memoryOfTree(pid: number): number {
  const children = new Map<number, number[]>();
  for (const name of readdirSync("/proc").filter((entry) => /^\d+$/.test(entry))) {
    try {
      const parent = Number(/^.*\) \S (\d+)/s.exec(readFileSync(`/proc/${name}/stat`, "utf8"))?.[1]);
      children.set(parent, [...(children.get(parent) ?? []), Number(name)]);
    } catch {} // it has ended meanwhile
  }
  const sum = (of: number): number => memoryOf(of).now + (children.get(of) ?? []).reduce((total, child) => total + sum(child), 0);
  return sum(pid);
}
