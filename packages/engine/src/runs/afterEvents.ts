import type { JobEvent } from "@switchyard/protocol";
import type { NewTimelineEntry, RunRecord } from "@switchyard/store";
import { attemptsAfter } from "./attempts.ts";
import { byOurClock } from "./clocks.ts";

/** What a job's own events make of a run: its attempts, whether it prepares, its timeline. Never its state or outcome. */
export function afterEvents(
  run: RunRecord,
  attempt: number,
  events: readonly JobEvent[],
): { run: RunRecord; timeline: readonly NewTimelineEntry[] } {
  const known = run.attempts.find(({ number }) => number === attempt);
  const timeline = events.map((event) => ({ at: byOurClock(known, event.at), attempt, ...toldBy(event) }));
  return { run: events.reduce((now, event) => afterEvent(now, attempt, event), run), timeline };
}

function afterEvent(run: RunRecord, attempt: number, event: JobEvent): RunRecord {
  if (run.state === "ended") return run; // what an abandoned job still does changes nothing
  const known = run.attempts.find(({ number }) => number === attempt);
  const attempts = attemptsAfter(run.attempts, attempt, event);
  const next = attempts === run.attempts ? run : { ...run, attempts };
  switch (event.kind) {
    case "environment":
      return { ...next, preparing: event.state === "building" || event.state === "waiting" };
    case "started":
      return { ...next, preparing: false, waitsFor: null, startedAt: run.startedAt ?? byOurClock(known, event.at) };
    case "ended":
      return { ...next, preparing: false };
    default:
      return next;
  }
}

function toldBy(event: JobEvent): { what: string; detail: string | null } {
  switch (event.kind) {
    case "claimed":
      return { what: "claimed", detail: event.host };
    case "environment":
      return { what: "environment", detail: joinWords(event.state, event.name, event.because) };
    case "started":
      return { what: "started", detail: `pid ${event.pid}` };
    case "stopping":
      return { what: "stopping", detail: event.because };
    case "ended":
      return { what: "exited", detail: joinWords(exitInWords(event.exitCode, event.signal), event.because) };
  }
}

/** `exit code 3`, `signal KILL`, or null when neither is known. */
export function exitInWords(exitCode: number | null, signal: string | null): string | null {
  if (exitCode !== null) return `exit code ${exitCode}`;
  return signal === null ? null : `signal ${signal}`;
}

function joinWords(...words: readonly (string | null)[]): string | null {
  return words.filter((word) => word !== null && word !== "").join(", ") || null;
}
