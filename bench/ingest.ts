// From `run.log` in a script to the store, and a chart of a long series.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LiveServer } from "../test/support/liveServer.ts";
import { until } from "../test/support/wait.ts";
import { type Benchmark, median, memoryOf, seconds } from "./measure.ts";
import { submitScript } from "./submitScript.ts";

/** `POINTS=10000000 npm run bench -- --only ingest` tries more. */
const POINTS = Number(process.env.POINTS ?? 2_000_000);

/** Logs POINTS points; the time of each call is what the script itself measures. */
const SCRIPT = `
import time
from azureml.core import Run
run = Run.get_context()
times = []
for i in range(${POINTS}):
    began = time.perf_counter()
    run.log("loss", i * 0.5)
    if i % 10 == 0:
        times.append(time.perf_counter() - began)
times.sort()
print("median_us %.3f p99_us %.3f" % (times[len(times) // 2] * 1e6, times[len(times) * 99 // 100] * 1e6))
`;

export const ingest: Benchmark = {
  name: "ingest",
  async run() {
    const folder = mkdtempSync(join(tmpdir(), "switchyard-bench-"));
    writeFileSync(join(folder, "train.py"), SCRIPT);
    const server = new LiveServer();
    try {
      await server.start();
      const params = { workspace: "default", runId: await submitScript(server.client, folder, "train.py") };
      const details = await until(240, "the run has ended", async () => {
        const run = await server.client.getRun({ params });
        return run.endTimeUtc ? run : null;
      });
      const untilStored = (Date.now() - Date.parse(details.startTimeUtc!)) / 1000;
      const scriptTook = details.attempts[0]!.durationSeconds!;
      const log = await (await server.client.readRunFile({ params: { ...params, path: "azureml-logs/80_driver_log.txt" } })).text();
      const [, inScript, p99] = /median_us ([\d.]+) p99_us ([\d.]+)/.exec(log) ?? [];
      const chart = async () => {
        const times: number[] = [];
        for (let i = 0; i < 9; i++)
          times.push(await seconds(() => server.client.readMetric({ params: { ...params, name: "loss" }, query: { maxPoints: 2_000 } })));
        return median(times) * 1000;
      };
      const total = (await server.client.readMetric({ params: { ...params, name: "loss" }, query: { maxPoints: 2 } })).total;
      if (total !== POINTS) throw new Error(`${total} points arrived, not ${POINTS}`);
      return [
        { what: "`run.log` in the script, median", value: Number(inScript), unit: "µs", bar: { atMost: 20 } },
        { what: "`run.log` in the script, 99th percentile", value: Number(p99), unit: "µs" },
        {
          what: "points a second from the script's start until all are in the store",
          value: POINTS / untilStored,
          unit: "points/s",
          bar: { atLeast: 100_000 },
        },
        { what: "baseline: points a second that the script wrote meanwhile", value: POINTS / scriptTook, unit: "points/s" },
        { what: `chart of that series (${POINTS} points) as 2,000 points, median`, value: await chart(), unit: "ms", bar: { atMost: 300 } },
        { what: "server's peak memory", value: memoryOf(server.pid!).peak, unit: "MB", bar: { atMost: 400 } },
      ];
    } finally {
      await server.close();
      rmSync(folder, { recursive: true });
    }
  },
};
