import type { ComputeDriver, Observation, WatchedJob } from "@switchyard/compute";
import { ComputeUnreachable } from "@switchyard/protocol";
import type { EngineContext } from "../context.ts";
import { notHomeYet } from "../runs/afterCollecting.ts";
import { afterObserving } from "../runs/afterObserving.ts";
import { handleOf } from "../runs/afterStarting.ts";
import { lastAttempt } from "../runs/attempts.ts";
import { LONGEST_LINE_BYTES } from "../telemetry/lines.ts";
import { loadProgress, takeObservation } from "../telemetry/taker.ts";
import type { Pacer } from "./pacer.ts";
import { withPatience } from "./patience.ts";
import { rulesFor } from "./rules.ts";
import { refresh } from "./save.ts";
import { beginAnew, cursorKey, parseCursorKey, type Watch } from "./watch.ts";

/** Room for a line that is just not too long yet, and what stands before it. */
const HUNGRY_BUDGET = LONGEST_LINE_BYTES + 1024 * 1024;

/** Looks at many runs of one driver in one round trip, and takes what each has grown by. */
export async function lookAtRuns(
  context: EngineContext,
  driver: ComputeDriver,
  watches: readonly Watch[],
  pacer: Pacer,
  stopping: AbortSignal,
): Promise<void> {
  const asked = await prepare(context, watches, pacer);
  if (asked.size === 0) return;
  let seen: readonly Observation[];
  try {
    const budget = watches.length === 1 && watches[0]?.hungry ? HUNGRY_BUDGET : context.settings.observeBudgetBytes;
    seen = await withPatience(`Driver ${driver.name}`, context.settings.observeTimeoutSeconds, stopping, (signal) =>
      driver.observe([...asked.values()], budget, signal),
    );
  } catch (error) {
    for (const watch of asked.keys()) {
      if (error instanceof ComputeUnreachable) await pacer.silent(watch, error);
      else pacer.failed(watch, error);
    }
    return;
  }
  const byJob = new Map(seen.map((observation) => [observation.jobId, observation]));
  for (const [watch, { handle }] of asked) {
    const observation = byJob.get(handle.jobId);
    if (observation === undefined) pacer.failed(watch, new Error(`Driver ${driver.name} said nothing about job ${handle.jobId}.`));
    else await takeOne(context, watch, observation, pacer);
  }
}

async function prepare(context: EngineContext, watches: readonly Watch[], pacer: Pacer): Promise<Map<Watch, WatchedJob>> {
  const asked = new Map<Watch, WatchedJob>();
  for (const watch of watches) {
    try {
      if (!(await refresh(context, watch))) continue;
      const handle = handleOf(watch.record);
      if (handle === null || watch.record.state === "ended") {
        pacer.soon(watch);
        continue;
      }
      const { cursors } = await loadProgress(context, watch);
      asked.set(watch, { handle, cursors: [...cursors].map(([key, { offset }]) => ({ ...parseCursorKey(key), offset })) });
    } catch (error) {
      pacer.failed(watch, error);
    }
  }
  return asked;
}

async function takeOne(context: EngineContext, watch: Watch, seen: Observation, pacer: Pacer): Promise<void> {
  try {
    const rules = rulesFor(context, watch.record);
    const was = watch.record.state;
    const taken = await takeObservation(context, watch, seen, (run) => afterObserving(run, seen, context.clock.now(), rules));
    watch.trouble = null;
    if (watch.record.state === "collecting") await checkDrained(context, watch, taken === "grew");
    else if (was === "collecting") beginAnew(watch); // the compute starts the job again
    if (taken === "stale" || watch.drained || watch.record.state !== was) pacer.soon(watch);
    else if (taken === "grew") seen.grown.some((growth) => growth.more) ? pacer.soon(watch) : pacer.grew(watch);
    else pacer.quiet(watch);
  } catch (error) {
    pacer.failed(watch, error);
  }
}

/**
 * An ended attempt's files are home when each has reached its final size. Bytes that were promised and do not come for
 * a while are given up with a warning: a file may have been cut by hand.
 */
async function checkDrained(context: EngineContext, watch: Watch, grew: boolean): Promise<void> {
  const { cursors, endings } = await loadProgress(context, watch);
  const attempt = lastAttempt(watch.record.attempts)?.number ?? 0;
  const ended = endings.get(attempt);
  const missing = [...endings].flatMap(([number, ending]) =>
    notHomeYet(ending, (file) => cursors.get(cursorKey(number, file))?.offset ?? 0),
  );
  if (ended !== undefined && missing.length === 0) {
    watch.drained = true;
    return;
  }
  const now = context.clock.monotonicMs();
  if (grew || watch.dryingSince === null) watch.dryingSince = now;
  if (now - watch.dryingSince < context.settings.drainSeconds * 1000) return;
  for (const { file, have, size } of missing) watch.warnings.add(`"${file.slice(0, 150)}" came home only to byte ${have} of ${size}.`);
  if (ended === undefined) watch.warnings.add("The attempt left no record of its end; its last lines may be missing.");
  watch.drained = true;
}
