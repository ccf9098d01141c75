import type { ComputeDriver, JobHandle, OutputFile } from "@switchyard/compute";
import { ComputeUnreachable, Conflict, failPoint, PathEscape } from "@switchyard/protocol";
import type { RunRecord } from "@switchyard/store";
import type { EngineContext } from "../context.ts";
import { storagePathOf } from "../present/runFiles.ts";
import { lastAttempt } from "../runs/attempts.ts";
import { type Destination, destinationOf } from "../runs/destination.ts";
import type { Watch } from "./watch.ts";

/** What a file is brought home with. */
export interface Collecting {
  readonly context: EngineContext;
  readonly watch: Watch;
  readonly driver: ComputeDriver;
  readonly handle: JobHandle;
  readonly signal: AbortSignal;
  /** ids of the runs that this run's script may hand over files for, besides its own */
  readonly descendants: ReadonlySet<string>;
  /** the runs above it by id: their files may be added to, never replaced */
  readonly ancestors: ReadonlyMap<string, RunRecord>;
}

/** `later`: it could not be read yet, and there is hope. */
export type Collected = "done" | "later";

/** Something about the file itself that another try may or may not meet again; the run does not wait for it for ever. */
class FileTrouble extends Error {}

/**
 * Brings one file home, going on where a cut transfer stopped. What can never be brought is named in a warning; so is,
 * after `drainSeconds`, a file that still cannot be read.
 */
export async function collectFile(collecting: Collecting, file: OutputFile): Promise<Collected> {
  const { context, watch } = collecting;
  const refuse = (why: string): Collected => {
    watch.warnings.add(`"${file.path.slice(0, 150)}" was not brought home: ${why}`);
    return "done";
  };
  if (file.skipped !== null) return refuse(file.skipped);
  const to = destinationOf(watch.id, file.path);
  try {
    const because = to === null ? "it belongs to no run." : await whyRefused(collecting, to);
    if (to === null || because !== null) return refuse(because ?? "");
    const above = collecting.ancestors.get(to.runId);
    if (above !== undefined) {
      const refused = await give(collecting, file, to, above);
      if (refused !== null) return refuse(refused);
    } else await transfer(collecting, file, to);
    watch.failing.delete(file.path);
    return "done";
  } catch (error) {
    if (error instanceof PathEscape) return refuse("its name cannot be kept: it is too long or too deep, or leads out of the run.");
    if (!(error instanceof FileTrouble || error instanceof Conflict)) throw error;
    const now = context.clock.monotonicMs();
    const since = watch.failing.get(file.path) ?? now;
    watch.failing.set(file.path, since);
    if (now - since < context.settings.drainSeconds * 1000) return "later";
    return refuse(error.message);
  }
}

/** Uploads may not take the names of what the run's machine sends, nor belong to other people's runs. */
async function whyRefused({ context, watch, descendants, ancestors }: Collecting, { runId, path }: Destination): Promise<string | null> {
  if (runId !== watch.id && !descendants.has(runId) && !ancestors.has(runId)) {
    return `run "${runId.slice(0, 100)}" is neither below this run nor above it.`;
  }
  if (/^attempts\//.test(path)) return "the names below attempts/ are for what a run's machine sends.";
  const log = storagePathOf(lastAttempt(watch.record.attempts)?.number ?? 1, path);
  const taken = runId === watch.id && (await context.artifacts.runFiles.stat(runId, log)) !== null;
  return taken ? `the run has a log "${path}". Choose another name for the upload.` : null;
}

/**
 * Adds a file to a run above. Several runs may hand over one name at once, so it is written whole or not at all and the first
 * one stays; the same bytes again, as after a restart, are no error. Says why when the name is taken.
 */
async function give(collecting: Collecting, file: OutputFile, { runId, path }: Destination, above: RunRecord): Promise<string | null> {
  const { runFiles } = collecting.context.artifacts;
  const taken = `run ${runId} has another file of this name, which stays.`;
  const log = storagePathOf(lastAttempt(above.attempts)?.number ?? 1, path);
  if ((await runFiles.stat(runId, log)) !== null) return taken;
  failPoint("collect.before-file");
  try {
    await runFiles.put(runId, path, contentOf(collecting, file, 0), { replace: false });
  } catch (error) {
    if (error instanceof Conflict) return taken;
    throw error;
  }
  await collecting.context.store.runs.announceFiles(runId, [path]);
  failPoint("collect.after-file");
  return null;
}

async function transfer({ context, watch, ...from }: Collecting, file: OutputFile, { runId, path }: Destination): Promise<void> {
  const { runFiles } = context.artifacts;
  // What lies there from before a restart is this attempt's, unless an earlier attempt may have left it.
  const isOurs = watch.record.attempts.length <= 1 || watch.collected.has(file.path);
  watch.collected.add(file.path);
  const stored = isOurs ? await runFiles.stat(runId, path) : null;
  if (stored?.sha256 && stored.size === file.size) return;
  failPoint("collect.before-file");
  const partial = isOurs ? await runFiles.partialSize(runId, path) : 0;
  const start = partial <= file.size ? partial : 0;
  const reached = await runFiles.writePart(runId, path, start, contentOf({ context, watch, ...from }, file, start));
  if (reached !== file.size) {
    // It changed while it was read: begin anew, with the size it has by then.
    await runFiles.writePart(runId, path, 0, []);
    throw new FileTrouble(`it has ${reached} bytes, not the ${file.size} of its manifest.`);
  }
  await runFiles.finish(runId, path, file.size);
  failPoint("collect.after-file");
}

/** The file's bytes up to the size it was listed with: a process that escaped may go on writing to it for ever. */
async function* contentOf({ driver, handle, signal }: Collecting, { path, size }: OutputFile, from: number): AsyncGenerator<Uint8Array> {
  let left = size - from;
  try {
    for await (const bytes of driver.read(handle, path, from, signal)) {
      if (left > 0) yield bytes.length <= left ? bytes : bytes.subarray(0, left);
      left -= bytes.length;
      if (left <= 0) return;
    }
  } catch (error) {
    if (error instanceof ComputeUnreachable || signal.aborted) throw error;
    throw new FileTrouble(`it cannot be read (${(error as Error).message})`, { cause: error });
  }
}
