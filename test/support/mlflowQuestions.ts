// Questions to MLflow's own client, which takes seconds to load: one process answers them all.
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Desk } from "./desk.ts";
import { testPython } from "./testPython.ts";

/** A line of JSON is a question, and one is its answer. */
const ANSWERS = `
import json, os, sys
answers = sys.stdout
sys.stdout = sys.stderr  # what the client says meanwhile is no answer
for line in sys.stdin:
    question = json.loads(line)
    os.environ.update(question["variables"])
    answer = globals()[question["act"]](question["uri"], *question["more"])
    print(json.dumps(answer, sort_keys=True), file=answers, flush=True)
`;

export class MlflowQuestions {
  readonly #process;
  readonly #answers;
  #said = "";

  /** `functions`: Python that defines what can be asked; each function takes the address of a tracking server first */
  constructor(functions: string) {
    this.#process = spawn(testPython(), ["-W", "ignore", "-c", functions + ANSWERS], {
      env: { ...process.env, MLFLOW_DISABLE_TELEMETRY: "true", GIT_PYTHON_REFRESH: "quiet", MLFLOW_ENABLE_ASYNC_TRACE_LOGGING: "false" },
      stdio: ["pipe", "pipe", "pipe"],
    });
    this.#answers = createInterface({ input: this.#process.stdout })[Symbol.asyncIterator]();
    this.#process.stderr.setEncoding("utf8").on("data", (text: string) => {
      this.#said = (this.#said + text).slice(-5_000);
    });
  }

  async ask<T>(act: string, uri: string, more: readonly unknown[] = [], variables: Record<string, string> = {}): Promise<T> {
    this.#process.stdin.write(`${JSON.stringify({ act, uri, more, variables })}\n`);
    const { value, done } = await this.#answers.next();
    if (done) throw new Error(`MLflow's client has ended:\n${this.#said}`);
    return JSON.parse(value as string);
  }

  /** Asks our own server, in one workspace. */
  async askOurs<T>(act: string, desk: Desk, workspace: string, more: readonly unknown[] = []): Promise<T> {
    const { url } = await desk.json<{ url: string }>("status");
    const token = readFileSync(join(desk.home, "token"), "utf8").trim();
    return await this.ask<T>(act, `${url}/mlflow/${workspace}`, more, { MLFLOW_TRACKING_TOKEN: token });
  }

  close(): void {
    this.#process.kill();
  }
}
