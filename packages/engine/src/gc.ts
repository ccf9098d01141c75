import type { GcReport } from "@switchyard/protocol";
import type { EngineContext } from "./context.ts";
import { SnapshotFolders } from "./snapshots/folders.ts";

/** What the places where jobs ran can free; wired by the server, since only drivers know their sites. */
export interface SiteCleaner {
  /** Built environments that nobody used for so long; removed unless `dryRun`. */
  environments(options: {
    readonly unusedDays: number;
    readonly dryRun: boolean;
  }): Promise<{ count: number; bytes: number; names: string[] }>;
  /** Run directories of jobs whose run `isOver`; removed unless `dryRun`. */
  runDirectories(options: {
    readonly isOver: (runId: string) => Promise<boolean>;
    readonly dryRun: boolean;
  }): Promise<{ count: number; bytes: number }>;
  /** Copies of supervisor and Python client of other versions that no job uses; removed unless `dryRun`. */
  toolkits(options: { readonly dryRun: boolean }): Promise<{ count: number; bytes: number }>;
}

/** What to free, and whether to. */
export interface GcOptions {
  readonly dryRun: boolean;
  readonly environmentsUnusedDays: number;
  /** leave the rest alone */
  readonly only?: readonly ("blobs" | "runDirectories" | "environments")[] | undefined;
  /** blobs put within this time may belong to a snapshot that is still being sent */
  readonly graceSeconds?: number;
}

const DEFAULT_GRACE_SECONDS = 24 * 3600;

const EVERYTHING = ["blobs", "runDirectories", "environments"] as const;
const NOTHING = { count: 0, bytes: 0 };

/**
 * Frees unreferenced blobs, run directories of ended runs, tools that only those used, and old environments; with
 * `dryRun` only says what it would.
 */
export async function collectGarbage(context: EngineContext, options: GcOptions, site?: SiteCleaner): Promise<GcReport> {
  const { dryRun, environmentsUnusedDays: unusedDays, only = EVERYTHING } = options;
  const may = (what: (typeof EVERYTHING)[number]) => only.includes(what);
  const directories = may("runDirectories") ? await site?.runDirectories({ dryRun, isOver: (runId) => isOver(context, runId) }) : undefined;
  const toolkits = may("runDirectories") ? await site?.toolkits({ dryRun }) : undefined;
  const environments = may("environments") ? await site?.environments({ unusedDays, dryRun }) : undefined;
  return {
    dryRun,
    blobs: may("blobs") ? await freeBlobs(context, options) : NOTHING,
    runDirectories: directories ?? NOTHING,
    toolkits: toolkits ?? NOTHING,
    environments: environments ?? { ...NOTHING, names: [] },
  };
}

async function freeBlobs(context: EngineContext, { dryRun, graceSeconds = DEFAULT_GRACE_SECONDS }: GcOptions) {
  const { blobs } = context.artifacts;
  const before = context.clock.now().getTime() - graceSeconds * 1000;
  const referenced = await referencedBlobs(context);
  const freed = { count: 0, bytes: 0 };
  for await (const { sha256, size, modified } of blobs.list()) {
    if (referenced.has(sha256) || modified.getTime() > before) continue;
    if (!dryRun) await blobs.remove(sha256);
    freed.count += 1;
    freed.bytes += size;
  }
  return freed;
}

/** Every blob that some model, snapshot, datastore or run that is not over needs. Each folder is read once. */
async function referencedBlobs({ artifacts, store }: EngineContext): Promise<Set<string>> {
  const referenced = new Set([...(await store.datastoreFiles.blobs()), ...(await store.modelVersions.blobs())]);
  const visited = new Set<string>();
  const folders = new SnapshotFolders(artifacts);
  const pending = [...(await store.snapshots.roots()), ...(await store.runData.roots())];
  for (let sha256 = pending.pop(); sha256 !== undefined; sha256 = pending.pop()) {
    if (visited.has(sha256)) continue; // a file of a datastore may be the text of a folder
    visited.add(sha256);
    referenced.add(sha256);
    if ((await artifacts.blobs.size(sha256)) === null) continue; // an incomplete snapshot keeps what it has
    for (const entry of await folders.read(sha256)) {
      if (entry.kind === "folder") pending.push(entry.sha256);
      else if (entry.kind === "file") referenced.add(entry.sha256);
    }
  }
  return referenced;
}

/** True for a run that is over with everything home. One that nobody knows here may be another server's. */
async function isOver({ store }: EngineContext, runId: string): Promise<boolean> {
  const run = await store.runs.get(runId);
  return run !== undefined && run.state === "ended" && run.outcome !== "lost";
}
