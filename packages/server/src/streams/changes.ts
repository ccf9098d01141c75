import { publicRun } from "@switchyard/engine";
import { BadRequest, type ChangeEvent } from "@switchyard/protocol";
import type { Store } from "@switchyard/store";
import type { EventsAnswer, ServerEvent } from "../http/handler.ts";
import type { ChangeFeed } from "./changeFeed.ts";

const ROWS = 500;
const LOOK_MS = 5000;
const MISSED = "changes since then are no longer kept: read again what you show";

export interface ChangeStreamRequest {
  readonly workspace: string;
  readonly runId: string | null;
  readonly lastEventId: string | null;
  readonly signal: AbortSignal;
}

type ChangeRow = Awaited<ReturnType<Store["events"]["since"]>>[number];

/**
 * Everything that changes in a workspace, in commit order. `open` comes first and carries an id, so that a client that
 * is cut off before the first change misses nothing; `missed` says that changes since Last-Event-ID are no longer kept.
 */
export function openChangeStream(store: Store, feed: ChangeFeed, request: ChangeStreamRequest): EventsAnswer {
  return follow(store, feed, request, eventNumber(request.lastEventId));
}

async function* follow(store: Store, feed: ChangeFeed, request: ChangeStreamRequest, after: number | null): AsyncGenerator<ServerEvent> {
  const { events } = store;
  const watch = feed.watchWorkspace(request.workspace);
  try {
    const latest = await events.latestId();
    const missed = after !== null && (after > latest || after + 1 < (await events.oldestId()));
    let cursor = missed ? latest : (after ?? latest);
    yield { event: missed ? "missed" : "open", id: String(cursor), data: missed ? { because: MISSED } : {} };
    while (!request.signal.aborted) {
      const rows = await events.since(cursor, ROWS);
      yield* toEvents(
        store,
        rows.filter((row) => concerns(row, request)),
      );
      cursor = rows.at(-1)?.id ?? cursor;
      if (rows.length < ROWS) await watch.changed(LOOK_MS, request.signal);
    }
  } finally {
    watch.close();
  }
}

function concerns(row: ChangeRow, { workspace, runId }: ChangeStreamRequest): boolean {
  return row.workspace === workspace && (runId === null || row.runId === runId);
}

/** A run that changed several times in these rows is sent once, as it is now, at the place of its last change. */
async function* toEvents(store: Store, rows: readonly ChangeRow[]): AsyncGenerator<ServerEvent> {
  const lastChange = new Map(rows.filter((row) => row.kind === "run").map((row) => [row.runId, row.id]));
  const views = new Map((await store.runs.views([...lastChange.keys()])).map((view) => [view.record.id, view]));
  for (const row of rows) {
    const id = String(row.id);
    if (row.kind === "sweep") yield asEvent({ kind: "sweep", id, runId: row.runId, entries: row.names.map(Number) });
    else if (row.kind === "compute") yield asEvent({ kind: "compute", id, names: [...row.names] });
    else if (row.kind !== "run") yield asEvent({ kind: row.kind, id, runId: row.runId, names: [...row.names] });
    else {
      const view = views.get(row.runId);
      if (view !== undefined && lastChange.get(row.runId) === row.id)
        yield asEvent({ kind: "run", id, runId: row.runId, run: publicRun(view) });
    }
  }
}

function asEvent(change: ChangeEvent): ServerEvent {
  return { event: change.kind, id: change.id, data: change };
}

function eventNumber(lastEventId: string | null): number | null {
  if (lastEventId === null) return null;
  if (!/^\d{1,15}$/.test(lastEventId)) throw new BadRequest(`Last-Event-ID: "${lastEventId}" is not an id of this stream.`);
  return Number(lastEventId);
}
