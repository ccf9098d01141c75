import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { resolve } from "node:path";
import { createInterface, type Interface } from "node:readline";
import { within } from "../support/wait.ts";

export interface Done {
  readonly error: string | null;
  readonly said: string;
}

/** A Python process that keeps its names from one block to the next. */
export class PythonSession {
  readonly #child: ChildProcess;
  readonly #lines: Interface;

  constructor(folder: string, variables: Readonly<Record<string, string>>) {
    const env = { ...process.env, ...variables, PYTHONPATH: resolve("python") };
    this.#child = spawn("python3", ["-u", resolve("test/seeds/session.py")], { cwd: folder, env, stdio: ["pipe", "pipe", "inherit"] });
    this.#lines = createInterface({ input: this.#child.stdout! });
  }

  async run(name: string, code: string, seconds = 240): Promise<Done> {
    const answer = once(this.#lines, "line");
    this.#child.stdin!.write(`${JSON.stringify({ name, code })}\n`);
    const [line] = await within(seconds, `${name} is done`, answer);
    return JSON.parse(line as string) as Done;
  }

  async close(): Promise<void> {
    const gone = once(this.#child, "exit");
    this.#child.stdin!.end();
    await within(60, "the session ends", gone).catch(() => this.#child.kill("SIGKILL"));
  }
}
