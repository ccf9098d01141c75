import { run } from "../src/program.ts";
import type { Client, SdkNode, Sink, World } from "../src/world.ts";

/** A stream that keeps what is written. */
export class Written implements Sink {
  text = "";
  isTTY: boolean;
  columns = 100;
  constructor(isTTY = false) {
    this.isTTY = isTTY;
  }
  write(chunk: string | Uint8Array): boolean {
    this.text += typeof chunk === "string" ? chunk : new TextDecoder().decode(chunk);
    return true;
  }
}

export interface FakeWorld extends World {
  readonly stdout: Written;
  readonly stderr: Written;
  /** presses Ctrl-C */
  interrupt(): void;
}

interface FakeOptions {
  readonly api?: Partial<Record<keyof Client, unknown>>;
  readonly sdk?: Partial<Record<keyof SdkNode, unknown>>;
  readonly terminal?: boolean;
  readonly env?: Record<string, string>;
  readonly cwd?: string;
}

/** A world without files, server or terminal, but for what a test gives it. */
export function fakeWorld({ api = {}, sdk = {}, terminal = false, env = {}, cwd = "/nowhere" }: FakeOptions = {}): FakeWorld {
  const handlers = new Set<() => void>();
  const sdkNode = { connect: async () => api, findServer: async () => null, gitProperties: async () => ({}), ...sdk } as unknown as SdkNode;
  return {
    env: { HOME: "/home/nobody", ...env },
    cwd,
    stdout: new Written(terminal),
    stderr: new Written(terminal),
    now: () => new Date("2026-11-21T10:00:00.000Z"),
    sdk: async () => sdkNode,
    onInterrupt(stop) {
      handlers.add(stop);
      return () => handlers.delete(stop);
    },
    interrupt() {
      for (const handler of handlers) handler();
    },
  };
}

/** Runs a command line in a fake world and gives back what came of it. */
export async function runCli(
  argv: readonly string[],
  options: FakeOptions = {},
): Promise<{ code: number; stdout: string; stderr: string }> {
  const world = fakeWorld(options);
  const code = await run(argv, world);
  return { code, stdout: world.stdout.text, stderr: world.stderr.text };
}

/** A run as the server gives it, with what a test wants to be different. */
export function fakeRun(changes: Record<string, unknown> = {}) {
  return {
    runId: "mnist_1763719200_0badcafe",
    number: 1,
    displayName: null,
    description: null,
    workspace: "default",
    experimentName: "mnist",
    parentRunId: null,
    rootRunId: "mnist_1763719200_0badcafe",
    runType: "azureml.scriptrun",
    target: "local",
    status: "Completed",
    error: null,
    warnings: [],
    submittedBy: null,
    createdUtc: "2026-11-21T09:00:00.000Z",
    startTimeUtc: "2026-11-21T09:00:01.000Z",
    endTimeUtc: "2026-11-21T09:00:13.000Z",
    cancelRequestedUtc: null,
    tags: {},
    properties: {},
    metrics: { accuracy: 0.97 },
    attempts: [],
    snapshotId: null,
    environment: null,
    inputDatasets: [],
    outputDatasets: [],
    runDefinition: {},
    logFiles: {},
    ...changes,
  };
}
