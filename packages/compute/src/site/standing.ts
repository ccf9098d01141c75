import type { EndedEvent } from "@switchyard/protocol";
import type { Cursor } from "../contract.ts";

/** Where a job stands, from its directory and the processes of its machine. */
export type Standing =
  | { readonly phase: "missing" }
  /** nobody has claimed an attempt: it is being launched, or its launch was lost */
  | { readonly phase: "unclaimed" }
  /** claimed; the environment is being prepared */
  | { readonly phase: "preparing" }
  | { readonly phase: "running" }
  /** every process of the attempt is gone and nobody wrote down how it ended */
  | { readonly phase: "abandoned"; readonly attempt: number; readonly started: boolean }
  | { readonly phase: "exited"; readonly exitCode: number | null; readonly because: string | null };

/** What a machine says about an attempt. */
export interface AttemptFacts {
  readonly number: number;
  /** null until it has ended */
  readonly ended: EndedEvent | null;
  /** null until the supervisor wrote down its processes */
  readonly processes: { readonly hasScript: boolean; readonly isAlive: boolean } | null;
  /** for how long nothing has changed in its folder, by the machine's own clock */
  readonly quietMs: number;
}

/** A supervisor writes its pid at once after the claim, and the waiter's soon after: before that, absence says nothing. */
const SETTLING_MS = 3000;
const CLAIMING_MS = 90_000;

/** Where a job stands whose last attempt this is. */
export function standingOf({ number, ended, processes, quietMs }: AttemptFacts): Standing {
  if (ended !== null) {
    const { exitCode, signal, because } = ended;
    return { phase: "exited", exitCode, because: because ?? (signal === null ? null : `signal ${signal}`) };
  }
  const quiet = Math.abs(quietMs);
  if (processes === null) return quiet < CLAIMING_MS ? { phase: "preparing" } : { phase: "abandoned", attempt: number, started: false };
  const { hasScript, isAlive } = processes;
  if (isAlive) return { phase: hasScript ? "running" : "preparing" };
  if (!hasScript && quiet < SETTLING_MS) return { phase: "preparing" };
  return { phase: "abandoned", attempt: number, started: hasScript };
}

/**
 * Where a job stands that has no attempt. When something of this job came home already, its script, or a person, has
 * deleted its attempts: it must not be taken for a job that nobody has started. `firstAttempt` null: unknown.
 */
export function standingWithoutAttempts(cursors: readonly Cursor[], firstAttempt: () => number | null): Standing {
  if (cursors.length === 0) return { phase: "unclaimed" };
  const first = firstAttempt();
  const wasClaimed = first === null || cursors.some((cursor) => cursor.attempt >= first);
  return { phase: wasClaimed ? "missing" : "unclaimed" };
}
