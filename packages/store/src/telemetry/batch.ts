import type { JsonValue, MetricKind, RunError, RunOutcome } from "@switchyard/protocol";
import type { RunRecord } from "../runs/record.ts";
import type { NewTimelineEntry } from "../runs/timeline.ts";
import type { DatasetInput } from "../tracking/inputs.ts";
import type { LoggedModelStatus } from "../tracking/loggedModels/loggedModels.ts";
import type { LoggedMetric } from "../tracking/logging/log.ts";
import type { Pair } from "../tracking/params.ts";
import type { ModelLink } from "../tracking/runModels.ts";

/** How far one file of an attempt has been taken. */
export interface TakenCursor {
  readonly offset: number;
  /** lines that were no whole record */
  readonly linesSkipped: number;
}

/** A cursor moves from the value that was read (`was`, 0 for a new file) to `now`, or the batch is stale. */
export interface CursorMove {
  readonly attempt: number;
  readonly file: string;
  readonly was: number;
  readonly now: number;
  /** lines skipped on the way from `was` to `now` */
  readonly linesSkipped?: number;
}

/** What a record may be about: the run whose journal it is in or a descendant of it; points, tags and properties also a run above it. */
interface About {
  readonly runId?: string;
}

/** Points of a curve in the order they were logged; all three arrays have one length. */
export interface NumberPoints extends About {
  readonly name: string;
  readonly attempt: number;
  /** the journal they came from; order is promised per writer */
  readonly writer?: string;
  readonly values: readonly number[];
  /** the caller's steps, null where it gave none */
  readonly steps: readonly (number | null)[];
  /** milliseconds since 1970 UTC */
  readonly times: readonly number[];
  /** a point with the step, time and value of an earlier one is that one */
  readonly once?: boolean;
}

/** One logged value that is not a plain number. */
export interface ValuePoint extends About {
  readonly name: string;
  readonly attempt: number;
  readonly writer?: string;
  readonly kind: Exclude<MetricKind, "number">;
  readonly value: JsonValue;
  readonly step: number | null;
  readonly time: number;
}

/** What the sampler measured of a run's processes; null where it could not. */
export interface UsePoint {
  readonly attempt: number;
  readonly time: number;
  readonly cpu: number | null;
  readonly memory: number | null;
  readonly gpu: number | null;
  readonly gpuMemory: number | null;
}

/** One thing that only MLflow's clients say. */
export type TrackedRecord = About &
  (
    | { readonly kind: "param"; readonly name: string; readonly value: string }
    | { readonly kind: "dataset"; readonly input: DatasetInput }
    | { readonly kind: "link"; readonly link: ModelLink }
    | { readonly kind: "metric"; readonly metric: LoggedMetric }
    | ({ readonly kind: "model"; readonly time: number } & ModelChange)
  );

/** What a script says of a model that it logs; the first word on an id makes the model. */
export interface ModelChange {
  readonly modelId: string;
  readonly title?: string | undefined;
  readonly type?: string | null | undefined;
  readonly status?: LoggedModelStatus | undefined;
  readonly params?: readonly Pair[] | undefined;
  readonly tags?: readonly Pair[] | undefined;
  readonly untag?: string | undefined;
}

/** A child run that the script made itself and executes itself. */
export interface NewChild {
  readonly id: string;
  readonly name: string | null;
  /** the parent, when it is not the batch's own run */
  readonly runId?: string;
  readonly time?: number;
}

/** How a child that the script executes itself ended. Ignored for a run that has ended, or that a driver carries. */
export interface ChildEnd {
  readonly runId: string;
  readonly outcome: RunOutcome;
  readonly error: RunError | null;
  readonly time: number;
}

/** Everything one look at a run's files brought. It is taken whole or not at all. */
export interface TelemetryBatch {
  readonly runId: string;
  readonly cursors: readonly CursorMove[];
  readonly numbers?: readonly NumberPoints[];
  readonly values?: readonly ValuePoint[];
  readonly uses?: readonly UsePoint[];
  /** params, datasets and logged models, in the order they were told */
  readonly tracked?: readonly TrackedRecord[];
  /** made before all else, so that other records may be about them */
  readonly children?: readonly NewChild[];
  readonly ends?: readonly ChildEnd[];
  /** the last word on each name: a name is in `tags` or in `untags`, not in both */
  readonly tags?: readonly (About & { readonly name: string; readonly value: string | null })[];
  readonly untags?: readonly (About & { readonly name: string })[];
  /** in the order they were added: the first value of each name stays */
  readonly properties?: readonly (About & { readonly name: string; readonly value: string })[];
  readonly sets?: readonly (About & { readonly name: "displayName" | "description"; readonly value: string })[];
  /** attempts that said that they go on from what an earlier one left */
  readonly resumes?: readonly number[];
  /** the run's new state, decided from what the files say */
  readonly record?: { readonly was: RunRecord; readonly next: RunRecord };
  readonly timeline?: readonly NewTimelineEntry[];
}
