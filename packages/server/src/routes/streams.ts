import type { Handlers } from "../http/handler.ts";
import type { Parts } from "../parts.ts";
import { openChangeStream } from "../streams/changes.ts";
import { openLogStream } from "../streams/logs.ts";

/** What is told while it happens. */
export function streamHandlers({ store, artifacts, feed }: Parts): Pick<Handlers, "streamEvents" | "streamLogs"> {
  return {
    async streamEvents({ params, query, lastEventId, signal }) {
      return openChangeStream(store, feed, { workspace: params.workspace, runId: query.run ?? null, lastEventId, signal });
    },
    async streamLogs({ params, query, lastEventId, signal }) {
      return await openLogStream({ store, artifacts, feed }, { runId: params.runId, file: query.file ?? null, lastEventId, signal });
    },
  };
}
