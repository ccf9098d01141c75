import { execFile } from "node:child_process";
import { resolve } from "node:path";
import { promisify } from "node:util";

const PYTHON = resolve(import.meta.dirname, "../../python");

export interface PythonPlace {
  /** home of the server that the program finds */
  readonly home: string;
  readonly cwd: string;
  /** what stands before every program */
  readonly preamble: string;
}

/** Makes what runs Python programs in one place; the last line that a program prints is JSON, which is the answer. */
export function pythonIn({ home, cwd, preamble }: PythonPlace): <T>(code: string, seconds?: number) => Promise<T> {
  const env = { ...process.env, PYTHONPATH: PYTHON, PYTHONDONTWRITEBYTECODE: "1", SWITCHYARD_HOME: home };
  return async <T>(code: string, seconds = 100) => {
    const { stdout } = await promisify(execFile)("python3", ["-c", `${preamble}\n${code}`], { env, cwd, timeout: seconds * 1000 });
    return JSON.parse(stdout.trim().split("\n").at(-1) as string) as T;
  };
}
