// What every contender is asked to do, by one client that keeps its connection.
import { readdirSync, readFileSync } from "node:fs";
import { median, memoryOf, seconds } from "../measure.ts";
import type { Contender, Running } from "./contenders.ts";

/** Rates a second, and megabytes. */
export interface Work {
  readonly batches: number;
  readonly singles: number;
  readonly searches: number;
  readonly histories: number;
  readonly memory: number;
}

const RUNS = Number(process.env.RUNS ?? 10_000);
const POINTS = 100_000;

export async function measureContender(contender: Contender): Promise<Work> {
  console.error(`${contender.name} …`);
  const running = await contender.start();
  try {
    const ask = client(running);
    const experimentId = await idOf(ask("experiments/create", { name: "bench" }), "experiment_id");
    const batches = await logBatches(ask, await newRun(ask, experimentId));
    const singles = await logSingles(ask, await newRun(ask, experimentId));
    const histories = await readHistory(ask, await newRun(ask, experimentId));
    const searched = await idOf(ask("experiments/create", { name: "searched" }), "experiment_id");
    if (running.seed) await running.seed({ id: searched, name: "searched" }, RUNS);
    else await seed(ask, searched);
    const searches = await search(ask, searched);
    const work = { batches, singles, searches, histories, memory: memoryOfTree(running.pid) };
    console.error(JSON.stringify(work));
    return work;
  } finally {
    await running.stop();
  }
}

type Ask = (path: string, body?: object) => Promise<Record<string, unknown>>;

function client({ url, token }: Running): Ask {
  const headers = { "content-type": "application/json", ...(token !== null && { authorization: `Bearer ${token}` }) };
  return async (path, body) => {
    const request = body === undefined ? { headers } : { method: "POST", headers, body: JSON.stringify(body) };
    // a server may close a connection that was idle for some seconds; then the request goes on a new one
    const send = () => fetch(`${url}/api/2.0/mlflow/${path}`, request);
    const response = await send().catch(send);
    const text = await response.text();
    if (!response.ok) throw new Error(`${path}: ${response.status} ${text.slice(0, 500)}`);
    return text === "" ? {} : (JSON.parse(text) as Record<string, unknown>);
  };
}

const idOf = async (answer: Promise<Record<string, unknown>>, name: string) => String((await answer)[name]);

async function newRun(ask: Ask, experimentId: string): Promise<string> {
  const { run } = (await ask("runs/create", { experiment_id: experimentId, start_time: Date.now() })) as {
    run: { info: { run_id: string } };
  };
  return run.info.run_id;
}

/** Batches of 1,000 values: a hundred metrics, ten steps each. */
async function logBatches(ask: Ask, runId: string): Promise<number> {
  const times: number[] = [];
  for (let batch = 0; batch < 15; batch++) {
    const metrics = Array.from({ length: 1000 }, (_, at) => {
      const step = batch * 10 + Math.floor(at / 100);
      return { key: `metric_${at % 100}`, value: Math.random(), timestamp: 1_700_000_000_000 + step, step };
    });
    times.push(await seconds(() => ask("runs/log-batch", { run_id: runId, metrics })));
  }
  return 1 / median(times.slice(3));
}

async function logSingles(ask: Ask, runId: string): Promise<number> {
  const times: number[] = [];
  for (let step = 0; step < 300; step++) {
    const metric = { run_id: runId, key: "loss", value: Math.random(), timestamp: 1_700_000_000_000 + step, step };
    times.push(await seconds(() => ask("runs/log-metric", metric)));
  }
  return 1 / median(times.slice(50));
}

async function readHistory(ask: Ask, runId: string): Promise<number> {
  for (let from = 0; from < POINTS; from += 1000) {
    const metrics = Array.from({ length: 1000 }, (_, at) => {
      return { key: "loss", value: Math.random(), timestamp: 1_700_000_000_000 + from + at, step: from + at };
    });
    await ask("runs/log-batch", { run_id: runId, metrics });
  }
  const times: number[] = [];
  for (let i = 0; i < 5; i++) {
    times.push(
      await seconds(async () => {
        const { metrics } = (await ask(`metrics/get-history?run_id=${runId}&metric_key=loss`)) as { metrics: unknown[] };
        if (metrics.length !== POINTS) throw new Error(`${metrics.length} points came, not ${POINTS}`);
      }),
    );
  }
  return 1 / median(times.slice(1));
}

async function seed(ask: Ask, experimentId: string): Promise<void> {
  const one = async (at: number) => {
    const runId = await newRun(ask, experimentId);
    const metrics = [{ key: "score", value: ((at * 7919) % RUNS) / RUNS, timestamp: 1_700_000_000_000, step: 0 }];
    await ask("runs/log-batch", { run_id: runId, metrics, params: [{ key: "lr", value: "0.1" }] });
  };
  for (let at = 0; at < RUNS; at += 20) await Promise.all(Array.from({ length: Math.min(20, RUNS - at) }, (_, i) => one(at + i)));
}

/** The page of 100 that a person looks at, out of the half of the runs that fit. */
async function search(ask: Ask, experimentId: string): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i < 8; i++) {
    const filter = `metrics.score > 0.5 and params.lr = '0.1'`;
    const query = { experiment_ids: [experimentId], filter, max_results: 100, order_by: ["metrics.score DESC"] };
    times.push(
      await seconds(async () => {
        const { runs } = (await ask("runs/search", query)) as { runs: unknown[] };
        if (runs.length !== 100) throw new Error(`${runs.length} runs came, not 100`);
      }),
    );
  }
  return 1 / median(times.slice(2));
}

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
