import type { ComputeDriver, JobHandle, OutputFile } from "@switchyard/compute";
import { failPoint, type JsonObject } from "@switchyard/protocol";
import type { EngineContext } from "../context.ts";
import { afterCollecting } from "../runs/afterCollecting.ts";
import { handleOf } from "../runs/afterStarting.ts";
import { successCodesOf } from "../submit/successCodes.ts";
import { loadProgress } from "../telemetry/taker.ts";
import { eachAtOnce } from "./atOnce.ts";
import { withPatience } from "./patience.ts";
import { save, toldByChange } from "./save.ts";
import type { Watch } from "./watch.ts";

const FILES_AT_ONCE = 2;

/** Brings home what a run left, file by file, each going on where a cut transfer stopped; then ends the run. */
export async function collectRun(context: EngineContext, watch: Watch, driver: ComputeDriver, signal: AbortSignal): Promise<void> {
  const handle = handleOf(watch.record);
  if (handle !== null) {
    const seconds = context.settings.observeTimeoutSeconds;
    const files = await withPatience(`Driver ${driver.name}`, seconds, signal, (limited) => driver.manifest(handle, limited));
    await eachAtOnce(files, FILES_AT_ONCE, (file) => collectFile(context, watch, driver, handle, file, signal));
  }
  failPoint("collect.before-ended");
  await endRun(context, watch);
}

async function collectFile(
  { artifacts }: EngineContext,
  watch: Watch,
  driver: ComputeDriver,
  handle: JobHandle,
  file: OutputFile,
  signal: AbortSignal,
): Promise<void> {
  if (file.skipped !== null) {
    watch.warnings.add(`"${file.path.slice(0, 150)}" was not brought home: ${file.skipped}`);
    return;
  }
  const { runFiles } = artifacts;
  // What lies there from before a restart is this attempt's, unless an earlier attempt may have left it.
  const isOurs = watch.record.attempts.length <= 1 || watch.collected.has(file.path);
  watch.collected.add(file.path);
  const stored = isOurs ? await runFiles.stat(watch.id, file.path) : null;
  if (stored?.sha256 && stored.size === file.size) return;
  failPoint("collect.before-file");
  const partial = isOurs ? await runFiles.partialSize(watch.id, file.path) : 0;
  const from = partial <= file.size ? partial : 0;
  const reached = await runFiles.writePart(watch.id, file.path, from, driver.read(handle, file.path, from, signal));
  if (reached !== file.size) {
    // It changed while it was read: begin anew, with the size it has by then.
    await runFiles.writePart(watch.id, file.path, 0, []);
    throw new Error(`"${file.path}" of run ${watch.id} has ${reached} bytes, not the ${file.size} of its manifest.`);
  }
  await runFiles.finish(watch.id, file.path, file.size);
  failPoint("collect.after-file");
}

async function endRun(context: EngineContext, watch: Watch): Promise<void> {
  const now = context.clock.now();
  const { cursors } = await loadProgress(context, watch);
  const skipped = [...cursors.values()].reduce((sum, cursor) => sum + cursor.linesSkipped, 0);
  if (skipped > 0)
    watch.warnings.add(
      `${skipped} journal ${skipped === 1 ? "line" : "lines"} could not be read and ${skipped === 1 ? "was" : "were"} skipped.`,
    );
  const ended = afterCollecting(watch.record, successCodesOf(watch.record.definition as JsonObject), [...watch.warnings], now);
  const collected = { at: now, attempt: ended.attempts.at(-1)?.number ?? null, what: "collected", detail: null };
  const saved = await save(context, watch, ended, [collected, ...toldByChange(watch.record, ended, now)]);
  if (saved) failPoint("end.after-commit");
}
