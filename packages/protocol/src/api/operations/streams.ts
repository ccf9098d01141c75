import { z } from "zod";
import { runId } from "../../run/names.ts";
import { defineOperations } from "../operation.ts";
import { inWorkspace, ofRun } from "./params.ts";

/** Server-sent events. */
export const streamsOperations = defineOperations({
  streamEvents: {
    method: "GET",
    path: "/workspaces/{workspace}/events",
    tag: "streams",
    access: "user",
    summary: "Everything that changes, as server-sent events; resumes from Last-Event-ID",
    params: inWorkspace,
    query: z.object({ run: runId.optional() }),
    response: "events",
  },
  streamLogs: {
    method: "GET",
    path: "/workspaces/{workspace}/runs/{runId}/logs/stream",
    tag: "streams",
    access: "user or own run",
    above: true,
    summary: "Logs of a run while they grow, as server-sent events; resumes from Last-Event-ID",
    params: ofRun,
    query: z.object({ file: z.string().optional().describe("one log file; all of them in reading order when absent") }),
    response: "events",
  },
});
