import { createHash, randomUUID } from "node:crypto";
import { posix } from "node:path";
import { isDistributed, type JobEnvironment, type JobFile, LOG_FILES, rankLog } from "@switchyard/protocol";
import type { BundleEntry, JobBundle } from "../contract.ts";
import { ACTS_VARIABLE, type Act, renderActs } from "./acts.ts";

/** A file's content, a file with a mode or an already existing copy, a link, or an (empty) folder. */
export type TestFile =
  | string
  | Uint8Array
  | { readonly content: string | Uint8Array; readonly mode?: number; readonly localPath?: string; readonly sha256?: string }
  | { readonly link: string }
  | { readonly folder: true; readonly mode?: number };

export interface BundleOptions {
  /** default: a new one */
  readonly id?: string;
  readonly runId?: string;
  readonly files?: Readonly<Record<string, TestFile>>;
  /** what earlier attempts saved */
  readonly checkpoints?: Readonly<Record<string, TestFile>>;
  /** what the job reads from datastores */
  readonly data?: Readonly<Record<string, TestFile>>;
  /** a shell script; the job runs `sh script.sh` */
  readonly script?: string;
  /** the same in steps that the fake compute understands too */
  readonly acts?: readonly Act[];
  readonly secrets?: Readonly<Record<string, string>>;
  readonly variables?: Readonly<Record<string, string>>;
  readonly firstAttempt?: number;
  readonly environment?: JobEnvironment;
  readonly maxSeconds?: number | null;
  readonly graceSeconds?: number;
  /** whatever else a test wants different in job.json */
  readonly job?: Partial<JobFile>;
}

/** A bundle whose snapshot is in memory. Without script and acts it exits at once with 0. */
export function bundleOf(options: BundleOptions = {}): JobBundle {
  const id = options.id ?? `job-${randomUUID()}`;
  const script = options.script ?? renderActs(options.acts ?? []);
  const files: Record<string, TestFile> = { "script.sh": script, ...options.files };
  return {
    id,
    job: jobFileOf(id, options),
    secrets: options.secrets ?? {},
    code: () => entriesOf(files),
    checkpoints: () => entriesOf(options.checkpoints ?? {}),
    data: () => entriesOf(options.data ?? {}),
  };
}

function jobFileOf(id: string, options: BundleOptions): JobFile {
  const acts = options.acts === undefined ? {} : { [ACTS_VARIABLE]: JSON.stringify(options.acts) };
  const { nodes = 1, processesPerNode = 1, communicator = "none", tasks = null } = options.job ?? {};
  const distributed = isDistributed({ nodes, processesPerNode, communicator, tasks });
  return {
    version: 1,
    jobId: id,
    runId: options.runId ?? id,
    experimentName: "conformance",
    firstAttempt: options.firstAttempt ?? 1,
    command: { kind: "command", argv: ["sh", "script.sh"] },
    environment: options.environment ?? { kind: "user", interpreter: "python3" },
    container: null,
    spark: null,
    variables: { ...acts, ...options.variables },
    nodes: 1,
    processesPerNode: 1,
    communicator: "none",
    tasks: null,
    limits: { maxSeconds: options.maxSeconds ?? null, graceSeconds: options.graceSeconds ?? 2 },
    logs: { build: LOG_FILES.build, control: LOG_FILES.control, driver: distributed ? rankLog(0) : LOG_FILES.driver },
    data: [],
    watch: ["logs"],
    collect: ["outputs", "checkpoints"],
    successCodes: [0],
    ...options.job,
  };
}

async function* entriesOf(files: Readonly<Record<string, TestFile>>): AsyncIterable<BundleEntry> {
  const folders = new Set<string>();
  for (const [path, file] of Object.entries(files).sort(([a], [b]) => (a < b ? -1 : 1))) {
    for (const folder of foldersAbove(path)) {
      if (!folders.has(folder)) yield { kind: "folder", path: folder, mode: 0o755 };
      folders.add(folder);
    }
    const entry = entryOf(path, file);
    if (entry.kind === "folder") {
      if (folders.has(path)) continue;
      folders.add(path);
    }
    yield entry;
  }
}

/** `a/b/c.txt` gives `a`, `a/b`. A path that leads upwards gives none: drivers must refuse it themselves. */
function foldersAbove(path: string): string[] {
  const parts = posix.dirname(path).split("/");
  if (parts.some((part) => part === "." || part === ".." || part === "")) return [];
  return parts.map((_, index) => parts.slice(0, index + 1).join("/"));
}

function entryOf(path: string, file: TestFile): BundleEntry {
  if (typeof file === "string" || file instanceof Uint8Array) return fileEntry(path, file, {});
  if ("link" in file) return { kind: "link", path, target: file.link };
  if ("folder" in file) return { kind: "folder", path, mode: file.mode ?? 0o755 };
  return fileEntry(path, file.content, file);
}

function fileEntry(
  path: string,
  content: string | Uint8Array,
  given: { readonly mode?: number; readonly localPath?: string; readonly sha256?: string },
): BundleEntry {
  const bytes = Buffer.from(content);
  return {
    kind: "file",
    path,
    mode: given.mode ?? 0o644,
    size: bytes.length,
    sha256: given.sha256 ?? createHash("sha256").update(bytes).digest("hex"),
    localPath: given.localPath ?? null,
    async *read() {
      yield bytes;
    },
  };
}
