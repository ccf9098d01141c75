// From the command line's start to the script's first line, and to its end, beside a bare Python and two peers.
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { type Benchmark, type Figure, median, quantile } from "./measure.ts";

const PROGRAM = resolve("dist/package/bin/switchyard.mjs");
const ROUNDS = 15;

export const submit: Benchmark = {
  name: "submit",
  async run() {
    const folder = mkdtempSync(join(tmpdir(), "switchyard-bench-"));
    const env = { ...process.env, SWITCHYARD_HOME: join(folder, "home") };
    const project = mkdtempSync(join(folder, "noop-"));
    const first = join(folder, "first-line");
    writeFileSync(join(project, "noop.py"), `import time\nopen(${JSON.stringify(first)}, "w").write(repr(time.time()))\nprint("hello")\n`);
    const time = (command: string, args: string[]) => timed(command, args, project, env, first);
    try {
      time(process.execPath, [PROGRAM, "submit", "noop.py"]); // starts the server: the figures are warm
      const ours = repeat(() => time(process.execPath, [PROGRAM, "submit", "noop.py"]));
      const bare = repeat(() => time("python3", ["noop.py"]));
      return [
        {
          what: "`switchyard submit`: start to the script's first line, median",
          value: median(ours.map((r) => r.first)),
          unit: "s",
          bar: { atMost: 0.6 },
        },
        {
          what: "the same, 90th percentile",
          value: quantile(
            ours.map((r) => r.first),
            0.9,
          ),
          unit: "s",
        },
        { what: "`switchyard submit`: start to exit, median", value: median(ours.map((r) => r.exit)), unit: "s", bar: { atMost: 1.0 } },
        { what: "baseline: `python noop.py`, start to exit, median", value: median(bare.map((r) => r.exit)), unit: "s" },
        ...peers(folder, project, time),
      ];
    } finally {
      spawnSync(process.execPath, [PROGRAM, "down"], { env });
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

type Timing = { first: number; exit: number };

function timed(command: string, args: string[], cwd: string, env: NodeJS.ProcessEnv, firstLine: string): Timing {
  rmSync(firstLine, { force: true });
  const began = Date.now() / 1000;
  const done = spawnSync(command, args, { cwd, env, encoding: "utf8" });
  const exit = Date.now() / 1000 - began;
  if (done.status !== 0) throw new Error(`${command} ${args.join(" ")} ended with ${done.status}:\n${done.stdout}\n${done.stderr}`);
  return { first: Number(readFileSync(firstLine, "utf8")) - began, exit };
}

function repeat(once: () => Timing): Timing[] {
  return Array.from({ length: ROUNDS }, once);
}

/** submitit's local executor and `mlflow run`, where pip can install them. */
function peers(folder: string, project: string, time: (command: string, args: string[]) => Timing): Figure[] {
  const environment = join(folder, "peers");
  const python = join(environment, "bin", "python");
  try {
    execFileSync("python3", ["-m", "venv", environment], { stdio: "ignore" });
    execFileSync(python, ["-m", "pip", "install", "-q", "submitit", "mlflow", "setuptools<81"], {
      stdio: "ignore",
      timeout: 300_000,
    });
  } catch {
    return [];
  }
  writeFileSync(
    join(project, "with_submitit.py"),
    `import submitit, runpy\nex = submitit.LocalExecutor(folder=${JSON.stringify(join(folder, "submitit"))})\nex.submit(runpy.run_path, "noop.py").result()\n`,
  );
  writeFileSync(join(project, "MLproject"), "name: noop\nentry_points:\n  main:\n    command: python noop.py\n");
  const found: Figure[] = [];
  const add = (what: string, args: string[]) => {
    try {
      const timings = Array.from({ length: 5 }, () => time(python, args));
      found.push({
        what: `peer: ${what}, start to the script's first line, median of 5`,
        value: median(timings.map((r) => r.first)),
        unit: "s",
      });
      found.push({ what: `peer: ${what}, start to exit, median of 5`, value: median(timings.map((r) => r.exit)), unit: "s" });
    } catch (error) {
      console.error(`${what} could not be measured: ${error instanceof Error ? error.message.slice(0, 500) : error}`);
    }
  };
  add("submitit local executor", ["with_submitit.py"]);
  if (existsSync(join(environment, "bin", "mlflow")))
    add("`mlflow run --env-manager local`", ["-m", "mlflow", "run", ".", "--env-manager", "local"]);
  return found;
}
