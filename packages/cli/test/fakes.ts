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
  /** what is piped into standard input */
  readonly input?: string;
  /** what a person types, question by question; standard input is a terminal then */
  readonly answers?: readonly string[];
  /** the questions that were asked, and whether the answers were hidden */
  readonly asked?: [question: string, hidden: boolean][];
}

/** A world without files, server or terminal, but for what a test gives it. */
export function fakeWorld({
  api = {},
  sdk = {},
  terminal = false,
  env = {},
  cwd = "/nowhere",
  input = "",
  answers,
  asked = [],
}: FakeOptions = {}): FakeWorld {
  const handlers = new Set<() => void>();
  const sdkNode = { connect: async () => api, findServer: async () => null, gitProperties: async () => ({}), ...sdk } as unknown as SdkNode;
  return {
    env: { HOME: "/home/nobody", ...env },
    cwd,
    program: ["/usr/bin/node", "/opt/switchyard/bin/switchyard.mjs"],
    stdout: new Written(terminal),
    stderr: new Written(terminal),
    stdin: {
      isTTY: answers !== undefined,
      text: async () => input,
      async ask(question, options) {
        asked.push([question, options?.hidden ?? false]);
        return answers?.[asked.length - 1] ?? "";
      },
    },
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

/** A compute target as the server gives it, with what a test wants to be different. */
export function fakeTarget(changes: Record<string, unknown> = {}) {
  return {
    name: "cluster",
    id: "0badcafe",
    type: "amlcompute",
    computeType: "AmlCompute",
    attached: false,
    driver: "amlcompute:0badcafe",
    location: null,
    description: null,
    tags: {},
    createdUtc: "2026-11-21T09:00:00.000Z",
    modifiedUtc: "2026-11-21T09:00:00.000Z",
    createdBy: "ada",
    provisioningState: "Succeeded",
    provisioningErrors: [],
    clusterResourceId: null,
    settings: { vmSize: "STANDARD_D2_V2", maxNodes: 4 },
    status: { currentNodeCount: 2, allocationState: "Steady" },
    healthy: null,
    reason: null,
    capabilities: { submit: true, mpi: true, gpu: "where the machine has one", pipelines: true, docker: false },
    ...changes,
  };
}
