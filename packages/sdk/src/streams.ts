import type { ChangeEvent, LogChunk, RunStatus } from "@switchyard/protocol";
import type { Connection } from "./request.ts";
import { ROUTES } from "./routes.ts";
import { readServerEvents } from "./serverEvents.ts";

/** A change, or the news that some were missed: then what is shown has to be asked for again. */
export type ChangeStreamEvent = ChangeEvent | { readonly kind: "missed"; readonly id: string; readonly because: string };

export interface ChangeStreamInput {
  readonly params: { readonly workspace: string };
  readonly query?: { readonly run?: string | undefined } | undefined;
  readonly signal?: AbortSignal | undefined;
  /** go on after this event instead of from now */
  readonly lastEventId?: string | undefined;
  /** told at every (re)connection, when changes from here on will be seen */
  readonly onOpen?: (() => void) | undefined;
}

/** Reads what changes in a workspace. */
export async function* readChanges(connection: Connection, input: ChangeStreamInput): AsyncGenerator<ChangeStreamEvent, void, void> {
  for await (const { event, id, data } of readServerEvents(connection, ROUTES.streamEvents, input)) {
    if (event === "open") input.onOpen?.();
    else if (event === "missed") yield { kind: "missed", id, because: (data as { because?: string }).because ?? "" };
    else if (isChange(event)) yield data as ChangeEvent;
  }
}

const CHANGES: Readonly<Record<ChangeEvent["kind"], true>> = { run: true, metrics: true, files: true, compute: true, sweep: true };
const isChange = (event: string): boolean => Object.hasOwn(CHANGES, event);

/** Text of a log file, or where the run stands; `end` is the last event. */
export type LogStreamEvent =
  | ({ readonly kind: "log"; readonly id: string } & Readonly<LogChunk>)
  | { readonly kind: "status" | "end"; readonly status: RunStatus };

export interface LogStreamInput {
  readonly params: { readonly workspace: string; readonly runId: string };
  readonly query?: { readonly file?: string | undefined } | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly lastEventId?: string | undefined;
}

/** Reads the logs of a run until it has ended. */
export async function* readLogs(connection: Connection, input: LogStreamInput): AsyncGenerator<LogStreamEvent, void, void> {
  for await (const { event, id, data } of readServerEvents(connection, ROUTES.streamLogs, input)) {
    if (event === "log") yield { kind: "log", id, ...(data as LogChunk) };
    else if (event === "status" || event === "end") yield { kind: event, ...(data as { status: RunStatus }) };
    if (event === "end") return;
  }
}
