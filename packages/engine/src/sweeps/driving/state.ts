import {
  fromLogged,
  type JournalTrialState,
  type NotedAbout,
  type PriorTrial,
  type RunError,
  type RunOutcome,
  type SweepConfiguration,
  type SweepEntryOf,
  type TrialValues,
} from "@switchyard/protocol";
import type { PolicyDecision } from "../policy.ts";

/** What the journal says of one attempt of a trial. */
interface ObservedAttempt {
  readonly attempt: number;
  readonly resumes: boolean;
  readonly values: number[];
}

/** A trial as the journal tells it. */
export interface SweepTrialState extends TrialValues {
  readonly number: number;
  readonly origin: "sampler" | "lent" | "asked" | "continued" | "retry";
  readonly key: string | null;
  /** the trial that failed and is tried again with this one */
  readonly of: number | null;
  /** the earlier run whose outputs it goes on from */
  readonly continues: string | null;
  /** how the sampler came to its values */
  readonly because: PolicyDecision["because"] | Readonly<Record<string, unknown>> | null;
  readonly suggestedAt: Date;
  state: JournalTrialState;
  /** the trial that tries again what this one failed at */
  retriedBy: number | null;
  readonly attempts: ObservedAttempt[];
  /** the metric by interval of the attempt that counts, after those it goes on from */
  curve: number[];
  /** the last interval that the policy has seen */
  judged: number;
  lastDecision: PolicyDecision | null;
  /** what ended it early */
  stop: PolicyDecision | null;
  outcome: RunOutcome | null;
  score: number | null;
  intervals: number;
  computeSeconds: number;
  error: RunError | null;
  endedAt: Date | null;
}

/** All that a journal says: a function of its entries alone. */
export interface SweepState {
  /** how many entries were applied */
  length: number;
  configuration: SweepConfiguration;
  generates: boolean;
  beganAt: Date;
  /** since when its duration is counted: its begin, or when it was last told to go on */
  since: Date;
  readonly prior: PriorTrial[];
  readonly trials: SweepTrialState[];
  /** trials that have yet to end */
  readonly pending: Map<number, SweepTrialState>;
  /** trials by the key of whoever asked for them */
  readonly byKey: Map<string, SweepTrialState>;
  /** how many trials the sampler has suggested */
  made: number;
  exhausted: boolean;
  readonly notes: Map<NotedAbout, string>;
  closed: Omit<SweepEntryOf<"closed">, "kind"> | null;
  finished: Omit<SweepEntryOf<"finished">, "kind"> | null;
  finishedAt: Date | null;
  /** of the trials that have ended */
  computeSeconds: number;
}

/** Before anything happened; the first entry of every journal says what the sweep is. */
export function emptyState(): SweepState {
  const never = new Date(0);
  return {
    length: 0,
    configuration: undefined as unknown as SweepConfiguration,
    generates: true,
    beganAt: never,
    since: never,
    prior: [],
    trials: [],
    pending: new Map(),
    byKey: new Map(),
    made: 0,
    exhausted: false,
    notes: new Map(),
    closed: null,
    finished: null,
    finishedAt: null,
    computeSeconds: 0,
  };
}

/** A trial that was just made. */
export function newTrial(
  made: Pick<SweepTrialState, "number" | "values" | "branches" | "origin" | "key" | "of" | "continues" | "because" | "suggestedAt">,
): SweepTrialState {
  return {
    ...made,
    state: "pending",
    retriedBy: null,
    attempts: [],
    curve: [],
    judged: 0,
    lastDecision: null,
    stop: null,
    outcome: null,
    score: null,
    intervals: 0,
    computeSeconds: 0,
    error: null,
    endedAt: null,
  };
}

/** Takes in what was observed of a trial: its curve is that of the newest attempt, after those that it goes on from. */
export function takeObserved(trial: SweepTrialState, { attempt, resumes, values }: SweepEntryOf<"observed">): void {
  const numbers = values.map(fromLogged);
  const newest = trial.attempts.at(-1);
  if (newest?.attempt === attempt) {
    for (const number of numbers) {
      newest.values.push(number);
      trial.curve.push(number);
    }
    return;
  }
  const known = trial.attempts.find((each) => each.attempt === attempt);
  if (known !== undefined) known.values.push(...numbers);
  else {
    trial.attempts.push({ attempt, resumes, values: numbers });
    // An attempt that begins anew counts its intervals anew: the policy looks at them again.
    if (!resumes) trial.judged = 0;
  }
  trial.curve = curveOf(trial.attempts);
}

function curveOf(attempts: readonly ObservedAttempt[]): number[] {
  let first = attempts.length - 1;
  while (first > 0 && attempts[first]?.resumes) first -= 1;
  return attempts.slice(first).flatMap(({ values }) => values);
}

/** The better of two scores; a score that is not there is worse than any. */
export function isBetter(goal: SweepConfiguration["primaryMetricGoal"], a: number | null, b: number | null): boolean {
  if (a === null || b === null) return a !== null;
  return goal === "maximize" ? a > b : a < b;
}

/** The trial with the best score, the earliest of equals; null when none has one. */
export function bestTrial({ trials, configuration }: Pick<SweepState, "trials" | "configuration">): SweepTrialState | null {
  let best: SweepTrialState | null = null;
  for (const trial of trials) if (isBetter(configuration.primaryMetricGoal, trial.score, best?.score ?? null)) best = trial;
  return best;
}
