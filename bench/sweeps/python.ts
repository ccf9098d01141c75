// Python programs that answer a line of JSON with a line of JSON, in an environment that only this benchmark uses.
import { type ChildProcessByStdio, execFileSync, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";

const ENVIRONMENT = resolve(import.meta.dirname, "../../.cache/bench-sweeps");
const PYTHON = join(ENVIRONMENT, "bin/python");
/** The newest of each, on purpose: that is what a reader would install. Their versions are printed with the figures. */
const PACKAGES = ["optuna", "hyperopt", "scikit-optimize", "scikit-learn"];

/** Makes the environment when it is not there, and says what is in it. */
export function preparePython(): string {
  if (!existsSync(PYTHON)) {
    execFileSync("python3", ["-m", "venv", ENVIRONMENT], { stdio: "inherit" });
    execFileSync(PYTHON, ["-m", "pip", "install", "--quiet", ...PACKAGES], { stdio: "inherit" });
  }
  const program = `from importlib.metadata import version; print(", ".join(p + " " + version(p) for p in ${JSON.stringify(PACKAGES)}))`;
  return execFileSync(PYTHON, ["-c", program], { encoding: "utf8" }).trim();
}

export class PythonProcess {
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  readonly #lines: AsyncIterator<string>;

  constructor(script: string) {
    const env = { ...process.env, OMP_NUM_THREADS: "1", OPENBLAS_NUM_THREADS: "1" };
    this.#child = spawn(PYTHON, [join(import.meta.dirname, script)], { stdio: ["pipe", "pipe", "inherit"], env });
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
  }

  async ask<T>(question: unknown): Promise<T> {
    this.#child.stdin.write(`${JSON.stringify(question)}\n`);
    const { value, done } = await this.#lines.next();
    if (done) throw new Error(`The Python program ended while it was asked ${JSON.stringify(question).slice(0, 200)}.`);
    return JSON.parse(value) as T;
  }

  close(): void {
    this.#child.stdin.end();
  }
}
