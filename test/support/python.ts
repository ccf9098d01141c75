// Programs in Python that find the client of this repository and, by its home, a server.
import { execFile } from "node:child_process";
import { resolve } from "node:path";
import { promisify } from "node:util";

const CLIENT = resolve(import.meta.dirname, "../../python");

/** The variables of such a process, on top of this one's. */
export function pythonVariables(home: string, more: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  return { ...process.env, PYTHONPATH: CLIENT, PYTHONDONTWRITEBYTECODE: "1", SWITCHYARD_HOME: home, ...more };
}

export interface PythonPlace {
  /** home of the server that programs find */
  readonly home: string;
  readonly cwd: string;
  /** what stands before every program */
  readonly preamble?: string;
}

export interface PythonOptions {
  /** default: python3 */
  readonly program?: string | undefined;
  readonly variables?: Readonly<Record<string, string>>;
  /** how long it may take; default: 240 */
  readonly seconds?: number;
}

export type RunPython = (code: string, options?: PythonOptions) => Promise<{ readonly stdout: string; readonly stderr: string }>;

/** Makes what runs programs in one place to their end. A program that fails rejects with what it said. */
export function pythonIn({ home, cwd, preamble = "" }: PythonPlace): RunPython {
  return async (code, { program = "python3", variables, seconds = 240 } = {}) => {
    const env = pythonVariables(home, variables);
    return await promisify(execFile)(program, ["-c", `${preamble}\n${code}`], { env, cwd, timeout: seconds * 1000 });
  };
}

/** The JSON value on the last line of what a program printed. */
export function lastJson<T = unknown>({ stdout }: { readonly stdout: string }): T {
  return JSON.parse(stdout.trim().split("\n").at(-1) as string) as T;
}

/** The JSON value of every line. */
export function jsonLines({ stdout }: { readonly stdout: string }): unknown[] {
  const lines = stdout.trim().split("\n");
  return lines.map((line) => JSON.parse(line) as unknown);
}
