import { z } from "zod";
import { run } from "../run/run.ts";

/**
 * What `GET /workspaces/{ws}/events` sends. Every event has an id that grows in commit order, so that a client that
 * comes back with `Last-Event-ID` misses nothing. The event tells what changed; the data is asked for by its own route.
 */
export const changeEvent = z.discriminatedUnion("kind", [
  /** a run was created or its status, tags, properties, attempts or error changed; `run` is as of the sending */
  z.object({ kind: z.literal("run"), id: z.string(), runId: z.string(), run }),
  /** points of these series were added */
  z.object({ kind: z.literal("metrics"), id: z.string(), runId: z.string(), names: z.array(z.string()) }),
  /** these files grew */
  z.object({ kind: z.literal("files"), id: z.string(), runId: z.string(), names: z.array(z.string()) }),
  /** these entries, by their numbers, were appended to the journal of this sweep */
  z.object({ kind: z.literal("sweep"), id: z.string(), runId: z.string(), entries: z.array(z.int()) }),
  /** these compute targets were made, changed or removed */
  z.object({ kind: z.literal("compute"), id: z.string(), names: z.array(z.string()) }),
]);
export type ChangeEvent = z.infer<typeof changeEvent>;

/**
 * What `GET …/runs/{runId}/logs/stream` sends, as server-sent events named `log`, `status` and `end`.
 * The event id is `<file>:<offset after these bytes>` pairs joined by `|`, enough to go on anywhere.
 * Bytes that are not UTF-8 arrive as U+FFFD; the file itself keeps them.
 */
export const logChunk = z.object({ file: z.string(), attempt: z.int(), offset: z.int(), text: z.string() });
export type LogChunk = z.infer<typeof logChunk>;
