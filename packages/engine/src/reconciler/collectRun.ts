import type { ComputeDriver, OutputFile } from "@switchyard/compute";
import { failPoint, JOB_LAYOUT, type JsonObject } from "@switchyard/protocol";
import type { RunRecord } from "@switchyard/store";
import type { EngineContext } from "../context.ts";
import { deliverOutputs } from "../data/deliverOutputs.ts";
import { afterCollecting, withWarnings } from "../runs/afterCollecting.ts";
import { handleOf } from "../runs/afterStarting.ts";
import { afterTakenAway, maySucceedLater } from "../runs/tryAgain.ts";
import { successCodesOf } from "../submit/successCodes.ts";
import { loadProgress } from "../telemetry/taker.ts";
import { eachAtOnce } from "./atOnce.ts";
import { collectFile } from "./collectFile.ts";
import { letGo } from "./letGo.ts";
import { withPatience } from "./patience.ts";
import { save, toldByChange } from "./save.ts";
import { beginAnew, type Watch } from "./watch.ts";

const FILES_AT_ONCE = 2;

/** Brings home what a run left, file by file, each going on where a cut transfer stopped; then ends the run. */
export async function collectRun(context: EngineContext, watch: Watch, driver: ComputeDriver, signal: AbortSignal): Promise<void> {
  const handle = handleOf(watch.record);
  if (handle !== null) {
    const seconds = context.settings.observeTimeoutSeconds;
    const files = await withPatience(`Driver ${driver.name}`, seconds, signal, (limited) => driver.manifest(handle, limited));
    const collecting = { context, watch, driver, handle, signal, ...(await relativesIn(context, watch, files)) };
    const later: OutputFile[] = [];
    await eachAtOnce(files, FILES_AT_ONCE, async (file) => {
      if ((await collectFile(collecting, file)) === "later") later.push(file);
    });
    if (later.length > 0) throw new Error(`${later.length} files cannot be read yet, "${later[0]?.path.slice(0, 150)}" among them.`);
  }
  failPoint("collect.before-ended");
  await endRun(context, watch);
}

/** The runs below and above, asked for only when there are files of any. */
async function relativesIn({ store }: EngineContext, watch: Watch, files: readonly OutputFile[]) {
  const descendants = new Set<string>();
  const ancestors = new Map<string, RunRecord>();
  if (!files.some((file) => file.path.startsWith(`${JOB_LAYOUT.children}/`))) return { descendants, ancestors };
  for (const run of await store.runs.children(watch.id, true)) descendants.add(run.id);
  for (let id = watch.record.parentId; id !== null; ) {
    const run: RunRecord | undefined = await store.runs.get(id);
    if (run !== undefined) ancestors.set(run.id, run);
    id = run?.parentId ?? null;
  }
  return { descendants, ancestors };
}

async function endRun(context: EngineContext, watch: Watch): Promise<void> {
  const now = context.clock.now();
  const { cursors } = await loadProgress(context, watch);
  const skipped = [...cursors.values()].reduce((sum, cursor) => sum + cursor.linesSkipped, 0);
  if (skipped > 0)
    watch.warnings.add(
      `${skipped} journal ${skipped === 1 ? "line" : "lines"} could not be read and ${skipped === 1 ? "was" : "were"} skipped.`,
    );
  if (maySucceedLater(watch.record)) return await tryAgain(context, watch, now);
  const decided = afterCollecting(watch.record, successCodesOf(watch.record.definition as JsonObject), [...watch.warnings], now);
  const ended = withWarnings(decided, await deliverOutputs(context, watch.record, decided.outcome === "succeeded"));
  const collected = { at: now, attempt: ended.attempts.at(-1)?.number ?? null, what: "collected", detail: null };
  const saved = await save(context, watch, ended, [collected, ...toldByChange(watch.record, ended, now)]);
  if (!saved) return;
  failPoint("end.after-commit");
  await letGo(context, watch.record);
}

/** The attempt's place was taken away: what it left is home, and the run stands in line for the next one. */
async function tryAgain(context: EngineContext, watch: Watch, now: Date): Promise<void> {
  const attempt = watch.record.attempts.at(-1);
  const told = { at: now, attempt: attempt?.number ?? null, what: "queued", detail: `again, because the attempt was ${attempt?.because}` };
  failPoint("requeue.before-commit");
  if (!(await save(context, watch, afterTakenAway(watch.record, now), [told]))) return;
  failPoint("requeue.after-commit");
  beginAnew(watch);
}
