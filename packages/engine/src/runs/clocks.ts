import type { Observation } from "@switchyard/compute";
import type { Attempt } from "@switchyard/protocol";
import type { RunRecord } from "@switchyard/store";
import { changeAttempt } from "./attempts.ts";

/** Notes how the machine's clock stood to ours when the attempt was first met: its instants are in its own time. */
export function withClock(run: RunRecord, { attempt, clockOffsetMs }: Pick<Observation, "attempt" | "clockOffsetMs">): RunRecord {
  if (clockOffsetMs === undefined || attempt < 1) return run;
  const known = run.attempts.find((each) => each.number === attempt);
  if (known !== undefined && known.clockOffsetSeconds !== null) return run;
  return { ...run, attempts: changeAttempt(run.attempts, attempt, { clockOffsetSeconds: Math.round(clockOffsetMs) / 1000 }) };
}

/** An instant that the attempt's machine wrote down, by our clock. */
export function byOurClock(attempt: Attempt | undefined, instant: string): Date {
  return new Date(Date.parse(instant) - 1000 * (attempt?.clockOffsetSeconds ?? 0));
}
