import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";

const MAIN = resolve(import.meta.dirname, "../../src/main.ts");

/** A server process that said it listens. */
export interface ServerProcess {
  readonly child: ChildProcess;
  readonly url: string;
  readonly pid: number;
  readonly token: string;
}

/** How a process ended and what it said on standard error. */
export interface ProcessEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly said: string;
}

const running = new Map<ChildProcess, Promise<ProcessEnd>>();

/** Starts `main.ts`; answers when it listens, fails with what it said when it ends before. */
export async function startProcess(home: string, args: readonly string[] = [], env: NodeJS.ProcessEnv = {}): Promise<ServerProcess> {
  const child = launch(home, args, env);
  const line = once(createInterface({ input: child.stdout as NodeJS.ReadableStream }), "line") as Promise<[string]>;
  const early = endOf(child).then(({ code, said }) => Promise.reject(new Error(`the server ended with ${code}: ${said}`)));
  const [told] = await Promise.race([line, early]);
  early.catch(() => undefined);
  return { child, ...(JSON.parse(told) as { url: string; pid: number }), token: readFileSync(join(home, "token"), "utf8").trim() };
}

/** Runs `main.ts` until it ends. */
export function runProcess(home: string, args: readonly string[] = [], env: NodeJS.ProcessEnv = {}): Promise<ProcessEnd> {
  return endOf(launch(home, args, env));
}

export function endOf(child: ChildProcess): Promise<ProcessEnd> {
  return running.get(child) ?? Promise.reject(new Error("not a process of this test"));
}

/** Ends whatever a test left running. */
export async function killAll(): Promise<void> {
  for (const child of running.keys()) child.kill("SIGKILL");
  await Promise.all(running.values());
  running.clear();
}

function launch(home: string, args: readonly string[], env: NodeJS.ProcessEnv): ChildProcess {
  const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", MAIN, "--home", home, ...args], {
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  child.stderr?.on("data", (bytes) => {
    said += bytes;
  });
  running.set(child, once(child, "close").then(([code, signal]) => ({ code, signal, said }))); // biome-ignore format: one step
  return child;
}
