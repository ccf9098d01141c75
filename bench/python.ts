// What the Python client costs a training: its import, the first log calls, and those of an interactive run.
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { LiveServer } from "../test/support/liveServer.ts";
import { type Benchmark, median } from "./measure.ts";

const PYTHON = resolve(import.meta.dirname, "../python");
const ROUNDS = 15;

/** What a program prints as its figure, the median of several processes. */
async function figureOf(code: string, variables: Record<string, string>, rounds = ROUNDS): Promise<number> {
  const env = { PATH: process.env.PATH, HOME: process.env.HOME, PYTHONPATH: PYTHON, ...variables };
  const figures: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const { stdout } = await promisify(execFile)("python3", ["-c", code], { env });
    figures.push(Number(stdout.trim().split("\n").at(-1)));
  }
  return median(figures);
}

const IMPORT = "import time; began = time.perf_counter(); import azureml.core; print(time.perf_counter() - began)";
const LOG = `
from azureml.core import Run
import time
began = time.perf_counter()
run = Run.get_context()
for i in range(1000): run.log("loss", i / 7)
print(time.perf_counter() - began)
`;
const INTERACTIVE = `
from azureml.core import Experiment, Workspace
import time
run = Experiment(Workspace.get("default"), "bench").start_logging(snapshot_directory=None, outputs=False)
began = time.perf_counter()
for i in range(1000): run.log("loss", i / 7)
print(time.perf_counter() - began)
`;

export const python: Benchmark = {
  name: "python",
  async run() {
    const job = mkdtempSync(join(tmpdir(), "switchyard-bench-"));
    const server = new LiveServer();
    try {
      await server.start();
      const inRun = { AZUREML_RUN_ID: "r", SWITCHYARD_JOURNAL_DIR: job, SWITCHYARD_JOB_DIR: job };
      return [
        { what: "import azureml.core", value: await figureOf(IMPORT, {}), unit: "s", bar: { atMost: 0.15 } },
        { what: "Run.get_context() and 1,000 log calls in a run", value: await figureOf(LOG, inRun), unit: "s", bar: { atMost: 0.05 } },
        {
          what: "1,000 log calls of an interactive run, carried meanwhile",
          value: await figureOf(INTERACTIVE, { SWITCHYARD_HOME: server.home }, 5),
          unit: "s",
          bar: { atMost: 0.05 },
        },
      ];
    } finally {
      await server.close();
      rmSync(job, { recursive: true, force: true });
    }
  },
};
