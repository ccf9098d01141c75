import type { NewTimelineEntry, RunRecord, TelemetryBatch } from "@switchyard/store";
import type { Watch } from "../reconciler/watch.ts";
import type { CursorMove, Reading } from "./growth.ts";
import type { Harvest } from "./harvest.ts";

/** What a look brought, as the store takes it. */
export function batchOf(
  watch: Pick<Watch, "id">,
  reading: Reading,
  record: { readonly was: RunRecord; readonly next: RunRecord } | null,
  timeline: readonly NewTimelineEntry[],
): TelemetryBatch {
  return {
    runId: watch.id,
    cursors: reading.moves.map((move: CursorMove) => ({ ...move, linesSkipped: reading.linesSkipped.get(move) ?? 0 })),
    ...harvestedBy(reading.harvests),
    timeline,
    ...(record === null ? {} : { record }),
  };
}

type Harvested = Omit<TelemetryBatch, "runId" | "cursors" | "record" | "timeline">;

/** What was gathered from the journals of each attempt. */
export function harvestedBy(harvests: ReadonlyMap<number, Harvest>): Harvested {
  const all = [...harvests].map(([attempt, harvest]) => ofAttempt(attempt, harvest));
  if (all.length === 1 && all[0] !== undefined) return all[0];
  const { tags, untags } = lastWords([...harvests.values()]);
  return {
    numbers: all.flatMap((one) => one.numbers ?? []),
    values: all.flatMap((one) => one.values ?? []),
    uses: all.flatMap((one) => one.uses ?? []),
    tracked: all.flatMap((one) => one.tracked ?? []),
    children: all.flatMap((one) => one.children ?? []),
    ends: all.flatMap((one) => one.ends ?? []),
    properties: all.flatMap((one) => one.properties ?? []),
    sets: all.flatMap((one) => one.sets ?? []),
    resumes: all.flatMap((one) => one.resumes ?? []),
    tags,
    untags,
  };
}

function ofAttempt(attempt: number, harvest: Harvest): Harvested {
  return {
    numbers: [...harvest.numbers.values()].map(({ runId, ...series }) => ({ ...about(runId), ...series, attempt })),
    values: harvest.values.map(({ runId, ...value }) => ({ ...about(runId), ...value, attempt })),
    tracked: harvest.tracked,
    uses: harvest.uses.map((use) => ({ ...use, attempt })),
    children: harvest.children.map(({ id, name, parentId, time }) => ({ id, name, time, ...about(parentId) })),
    ends: harvest.childEnds.map(({ runId, failure, time }) => ({
      runId,
      outcome: failure === null ? ("succeeded" as const) : ("failed" as const),
      error: failure,
      time,
    })),
    properties: harvest.properties.map(({ runId, ...property }) => ({ ...about(runId), ...property })),
    sets: harvest.sets.map(({ runId, ...set }) => ({ ...about(runId), ...set })),
    resumes: harvest.resumed ? [attempt] : [],
    ...lastWords([harvest]),
  };
}

/** Of several words on one tag only the last counts. */
function lastWords(harvests: readonly Harvest[]): Required<Pick<Harvested, "tags" | "untags">> {
  const last = new Map(harvests.flatMap((harvest) => harvest.tags.map((tag) => [`${tag.runId ?? ""}\0${tag.name}`, tag] as const)));
  const words = [...last.values()];
  return {
    tags: words.filter((tag) => !tag.removed).map(({ runId, name, value }) => ({ ...about(runId), name, value })),
    untags: words.filter((tag) => tag.removed).map(({ runId, name }) => ({ ...about(runId), name })),
  };
}

function about(runId: string | null): { runId?: string } {
  return runId === null ? {} : { runId };
}
