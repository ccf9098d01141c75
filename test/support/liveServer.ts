// A real server process on a home of its own, that tests start, kill and start again.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { SwitchyardClient } from "@switchyard/sdk";
import { removeFolder } from "./folders.ts";
import { freePort } from "./ports.ts";
import { within } from "./wait.ts";

const SOURCE = resolve(import.meta.dirname, "../../packages/server/src/main.ts");

export interface LiveServerOptions {
  readonly databaseUrl?: string;
  readonly artifactsUrl?: string;
  readonly siteRoot?: string;
  readonly variables?: Readonly<Record<string, string>>;
  /** in a session of its own, to which the machine gives its own share of the processors */
  readonly detached?: boolean;
}

/** One server on one home; its port stays the same over restarts. */
export class LiveServer {
  readonly home = mkdtempSync(join(tmpdir(), "switchyard-home-"));
  readonly #options: LiveServerOptions;
  readonly #kept = new Set<ChildProcess>();
  #process: ChildProcess | undefined;
  #port: number | undefined;
  #client: SwitchyardClient | undefined;

  constructor(options: LiveServerOptions = {}) {
    this.#options = options;
  }

  get client(): SwitchyardClient {
    if (!this.#client) throw new Error("the server was never started");
    return this.#client;
  }

  /** of the home's owner */
  get token(): string {
    return readFileSync(join(this.home, "token"), "utf8").trim();
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** Starts the process and waits until it listens. `failAt` names the fail point at which it kills itself. */
  async start({ failAt }: { failAt?: string } = {}): Promise<void> {
    this.#port ??= await freePort();
    // `npm test` and `npm run bench` name the bundled server, which is what people run and starts faster.
    const args = [process.env.SWITCHYARD_SERVER_ENTRY ?? SOURCE, "--home", this.home, "--port", String(this.#port)];
    if (this.#options.databaseUrl) args.push("--database-url", this.#options.databaseUrl);
    if (this.#options.artifactsUrl) args.push("--artifacts-url", this.#options.artifactsUrl);
    if (this.#options.siteRoot) args.push("--site-root", this.#options.siteRoot);
    const env = { ...process.env, ...this.#options.variables, ...(failAt ? { SWITCHYARD_FAIL_AT: failAt } : {}) };
    const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", ...args], {
      env,
      stdio: ["ignore", "pipe", "pipe"],
      detached: this.#options.detached ?? false,
    });
    this.#process = child;
    this.#kept.add(child);
    let said = "";
    child.stderr?.on("data", (bytes) => {
      said = (said + bytes).slice(-20_000);
    });
    const lines = createInterface({ input: child.stdout! });
    const ready = once(lines, "line");
    const died = once(child, "exit").then(([code, signal]) => {
      // A fail point on the way up is part of the game; anything else is not.
      if (signal !== "SIGKILL") throw new Error(`the server ended with ${code ?? signal} before it listened:\n${said}`);
    });
    await within(100, "the server listens", Promise.race([ready, died]));
    if (child.exitCode === null && child.signalCode === null) {
      this.#client = new SwitchyardClient({ url: this.url, token: this.token });
    }
  }

  get running(): boolean {
    return this.#process !== undefined && this.#process.exitCode === null && this.#process.signalCode === null;
  }

  get pid(): number | undefined {
    return this.#process?.pid;
  }

  /** Waits until the process ends by itself (a fail point). */
  async ended(seconds: number): Promise<void> {
    if (this.running) await within(seconds, "the server ends", once(this.#process!, "exit"));
  }

  async kill(): Promise<void> {
    if (!this.running) return;
    const gone = once(this.#process!, "exit");
    this.#process!.kill("SIGKILL");
    await within(60, "the killed server is gone", gone);
  }

  /** Ends the process gracefully and deletes its home. */
  async close(): Promise<void> {
    if (this.running) {
      const gone = once(this.#process!, "exit");
      this.#process!.kill("SIGTERM");
      await within(60, "the server stops", gone).catch(() => this.kill());
    }
    await removeFolder(this.home);
  }
}
