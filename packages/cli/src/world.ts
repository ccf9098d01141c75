import type { SwitchyardClient } from "@switchyard/sdk";

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

/** What the outside world offers the program; tests bring their own. */
export interface World {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly stdout: Sink;
  readonly stderr: Sink;
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
    stdout: process.stdout,
    stderr: process.stderr,
    now: () => new Date(),
    sdk: () => import("@switchyard/sdk/node"),
    onInterrupt(stop) {
      process.once("SIGINT", stop);
      return () => process.removeListener("SIGINT", stop);
    },
  };
}
