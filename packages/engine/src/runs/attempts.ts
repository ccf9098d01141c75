import type { Attempt, JobEvent } from "@switchyard/protocol";

/** An attempt of which nothing is known but its number. */
export function newAttempt(number: number): Attempt {
  return {
    number,
    node: null,
    startTimeUtc: null,
    endTimeUtc: null,
    exitCode: null,
    signal: null,
    because: null,
    durationSeconds: null,
    cpuSeconds: null,
    peakMemoryBytes: null,
    rank: null,
    clockOffsetSeconds: null,
  };
}

/** True when it is known how this attempt ended. */
export function hasEnded(attempt: Attempt): boolean {
  return attempt.endTimeUtc !== null;
}

/** The attempts after one more event of attempt `number`; they stay ordered by number. */
export function attemptsAfter(attempts: readonly Attempt[], number: number, event: JobEvent): readonly Attempt[] {
  switch (event.kind) {
    case "claimed":
      return changeAttempt(attempts, number, { node: event.host });
    case "started":
      return changeAttempt(attempts, number, { startTimeUtc: event.at });
    case "ended":
      return changeAttempt(attempts, number, {
        endTimeUtc: event.at,
        exitCode: event.exitCode,
        signal: event.signal,
        because: event.because,
        durationSeconds: event.seconds,
        cpuSeconds: event.cpuSeconds,
        peakMemoryBytes: event.peakMemoryBytes,
        rank: event.rank === undefined ? null : { number: event.rank.number, node: event.rank.node },
      });
    default:
      return attempts;
  }
}

/** The attempts with one of them changed, made when it was not there. */
export function changeAttempt(attempts: readonly Attempt[], number: number, changes: Partial<Attempt>): readonly Attempt[] {
  const known = attempts.some((attempt) => attempt.number === number);
  const all = known ? attempts : [...attempts, newAttempt(number)].sort((a, b) => a.number - b.number);
  return all.map((attempt) => (attempt.number === number ? { ...attempt, ...changes } : attempt));
}

/** The attempt that counts: the last one, or undefined before the first claim. */
export function lastAttempt(attempts: readonly Attempt[]): Attempt | undefined {
  return attempts.at(-1);
}
