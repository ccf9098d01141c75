// Sweeps of which a test makes up what is seen of their trials.
import {
  type JsonObject,
  normaliseSweep,
  type RunOutcome,
  type SweepConfiguration,
  type SweepEntry,
  type SweepEntryOf,
} from "@switchyard/protocol";
import type { TrialSeries, TrialStanding } from "@switchyard/store";
import { applyEntry } from "../../src/sweeps/driving/applyEntry.ts";
import { decide } from "../../src/sweeps/driving/decide.ts";
import type { TrialLook } from "../../src/sweeps/driving/look.ts";
import type { Minds } from "../../src/sweeps/driving/minds.ts";
import { emptyState, type SweepState } from "../../src/sweeps/driving/state.ts";
import { decide as judge } from "../../src/sweeps/policies/decide.ts";
import { suggest } from "../../src/sweeps/samplers/samplers.ts";

export const MINDS: Minds = { suggest, judge };
export const began = new Date("2026-11-27T10:00:00.000Z");
export const later = (seconds: number) => new Date(began.getTime() + seconds * 1000);

export function configured(more: JsonObject = {}): SweepConfiguration {
  const space = [{ name: "x", expression: "uniform", values: [0, 1] }];
  const sweep = {
    sampling: { type: "random", seed: 5, parameter_space: space },
    primary_metric_name: "score",
    primary_metric_goal: "maximize",
    max_total_runs: 4,
    max_concurrent_runs: 2,
    ...more,
  };
  return normaliseSweep(sweep, { rules: "own" }).configuration;
}

/** A sweep whose looks a test makes up; every entry is kept. */
export class Sweep {
  readonly state: SweepState = emptyState();
  readonly entries: { number: number; at: Date; entry: JsonObject }[] = [];

  constructor(more: JsonObject = {}, generates = true) {
    this.take({ kind: "began", configuration: configured(more), generates }, began);
  }

  take(entry: SweepEntry, at: Date): void {
    applyEntry(this.state, entry, at);
    this.#keep(entry, at);
  }

  decide(looks: readonly TrialLook[], now = later(1), otherMetrics: readonly string[] = []): SweepEntry[] {
    const entries = decide(this.state, looks, { nodes: 2, now, otherMetrics }, MINDS);
    for (const entry of entries) this.#keep(entry, now);
    return entries;
  }

  #keep(entry: SweepEntry, at: Date): void {
    this.entries.push({ number: this.entries.length, at, entry: JSON.parse(JSON.stringify(entry)) as JsonObject });
  }
}

export const kinds = (entries: readonly SweepEntry[]) => entries.map(({ kind }) => kind);
export const only = <K extends SweepEntry["kind"]>(entries: readonly SweepEntry[], kind: K) =>
  entries.filter((entry): entry is SweepEntryOf<K> => entry.kind === kind);

export const attempt = (number: number, seconds: number | null) =>
  ({ number, durationSeconds: seconds, startTimeUtc: began.toISOString(), endTimeUtc: null }) as never;
export function standing(outcome: RunOutcome | null = null, more: Partial<TrialStanding> = {}): TrialStanding {
  const over = outcome !== null;
  return {
    id: "r",
    state: over ? "ended" : "running",
    outcome,
    status: "Running",
    error: outcome === "failed" ? { code: "ExitCode", message: "The script exited with code 3." } : null,
    cancelRequested: false,
    attempts: [attempt(1, over ? 10 : null)],
    startedAt: began,
    endedAt: null,
    ...more,
  };
}
export const series = (values: readonly number[], more: Partial<TrialSeries> = {}): TrialSeries => {
  const finite = values.filter(Number.isFinite);
  return {
    ...{ id: 1, attempt: 1, count: values.length, kind: "number", resumes: false },
    min: finite.length > 0 ? Math.min(...finite) : null,
    max: finite.length > 0 ? Math.max(...finite) : null,
    ...more,
  };
};
export function look(
  trial: number,
  values: readonly number[],
  outcome: RunOutcome | null = null,
  fresh: TrialLook["fresh"] = [],
): TrialLook {
  return { trial, run: standing(outcome), series: values.length === 0 ? [] : [series(values)], fresh };
}
export const fresh = (values: readonly number[], number = 1, resumes = false) => [{ attempt: number, resumes, values }];
