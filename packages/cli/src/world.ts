import { isatty } from "node:tty";
import type { SwitchyardClient } from "@switchyard/sdk";
import { sinkOf } from "./output/fileSink.ts";

/** The typed client of the HTTP API. */
export type Client = SwitchyardClient;
/** What only a machine with files and processes can do: snapshots, git, finding and starting a server. */
export type SdkNode = typeof import("@switchyard/sdk/node");

/** Where text goes: a terminal, a pipe, a file, or a test's list. */
export interface Sink {
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  write(chunk: string | Uint8Array): boolean;
}

/** Where answers come from: a person at a terminal, a pipe, a file. */
export interface Answers {
  readonly isTTY: boolean;
  /** everything that is piped in */
  text(): Promise<string>;
  /** Asks a person; what is typed after a `hidden` question does not appear. Throws Interrupted at Ctrl-C. */
  ask(question: string, options?: { readonly hidden?: boolean }): Promise<string>;
}

/** What the outside world offers the program; tests bring their own. */
export interface World {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** how this very program is started again: an interpreter and a file */
  readonly program: readonly string[];
  readonly stdout: Sink;
  readonly stderr: Sink;
  readonly stdin: Answers;
  now(): Date;
  sdk(): Promise<SdkNode>;
  /** Calls `stop` at the first Ctrl-C, and lets a second one end the program. Returns how to listen no longer. */
  onInterrupt(stop: () => void): () => void;
}

/** The world this process lives in. */
export function realWorld(): World {
  return {
    env: process.env,
    cwd: process.cwd(),
    program: [process.execPath, process.argv[1] ?? ""],
    stdout: sinkOf(process.stdout),
    stderr: process.stderr,
    stdin: {
      isTTY: isatty(0) && isatty(2), // without touching process.stdin, which would open it
      text: async () => (await import("./secrets/standardInput.ts")).readAll(),
      ask: async (question, options) => (await import("./secrets/standardInput.ts")).ask(question, options?.hidden ?? false),
    },
    now: () => new Date(),
    sdk: () => import("@switchyard/sdk/node"),
    onInterrupt(stop) {
      process.once("SIGINT", stop);
      return () => process.removeListener("SIGINT", stop);
    },
  };
}
