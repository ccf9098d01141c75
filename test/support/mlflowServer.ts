import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync } from "node:fs";
import { freePort } from "./ports.ts";
import { testPython } from "./testPython.ts";
import { within } from "./wait.ts";

/** A real MLflow server in a process of its own. */
export class MlflowServer {
  readonly #place: string;
  readonly #python: string;
  url = "";
  #stop: () => Promise<void> = async () => {};

  /** `python`: an interpreter with MLflow; default is that of the tests */
  constructor(place: string, python = testPython()) {
    this.#place = place;
    this.#python = python;
    mkdirSync(place, { recursive: true });
  }

  /** the file of its database */
  get database(): string {
    return `${this.#place}/mlflow.db`;
  }

  /** `options`: instead of artifacts that the server hands out itself */
  async start(options: readonly string[] = ["--artifacts-destination", `${this.#place}/artifacts`]): Promise<void> {
    const port = await freePort();
    this.url = `http://127.0.0.1:${port}`;
    const args = ["server", "--backend-store-uri", `sqlite:///${this.database}`, ...options, "--host", "127.0.0.1", "--port", String(port), "--workers", "1"]; // biome-ignore format: one line
    const child = spawn(this.#python, ["-m", "mlflow", ...args], { detached: true, stdio: ["ignore", "ignore", "pipe"], env: { ...process.env, MLFLOW_DISABLE_TELEMETRY: "true", MLFLOW_SERVER_ENABLE_JOB_EXECUTION: "false" } }); // biome-ignore format: one line
    let said = "";
    child.stderr.on("data", (text) => {
      said += text;
    });
    const gone = once(child, "exit");
    this.#stop = async () => {
      process.kill(-child.pid!, "SIGTERM");
      await within(100, "mlflow ends", gone);
    };
    await within(
      400, // a large program, on a machine that is busy with other suites
      "mlflow listens",
      this.#listens(gone, () => said),
    );
  }

  async #listens(gone: Promise<unknown>, said: () => string): Promise<void> {
    let over = false;
    void gone.then(() => {
      over = true;
    });
    const until = Date.now() + 400_000;
    while (
      !(await fetch(`${this.url}/health`).then(
        (answer) => answer.ok,
        () => false,
      ))
    ) {
      if (over || Date.now() > until) throw new Error(`mlflow ended:\n${said().slice(-2000)}`);
      await new Promise((soon) => setTimeout(soon, 100));
    }
  }

  stop(): Promise<void> {
    return this.#stop();
  }
}
