import { ATTEMPT_LAYOUT } from "@switchyard/protocol";
import type { Handlers } from "../http/handler.ts";
import { readLimited } from "../http/readLimited.ts";
import type { Parts } from "../parts.ts";

/** A writer sends its journal in batches; this is the most one may hold. */
const JOURNAL_BYTES = 64 * 1024 * 1024;

/** What runs logged. */
export function metricHandlers({
  store,
  engine,
}: Parts): Pick<Handlers, "listMetrics" | "readMetric" | "readUse" | "logMetrics" | "getJournalPosition"> {
  return {
    async listMetrics({ params, query }) {
      return await store.metrics.summaries(params.runId, query.recursive);
    },
    async readMetric({ params, query }) {
      return await store.metrics.points(params.runId, params.name, query);
    },
    async readUse({ params, query }) {
      return await store.metrics.uses(params.runId, query);
    },
    async logMetrics({ params, query, body }) {
      const bytes = await readLimited(body, JOURNAL_BYTES, "a batch of journal lines");
      return { lastNumber: await engine.takeJournal(params.runId, query.writer, bytes) };
    },
    async getJournalPosition({ params: { runId, writer }, query: { attempt } }) {
      const cursors = await store.telemetry.cursors(runId);
      return { attempt, writer, takenBytes: cursors.get(`${attempt}/${ATTEMPT_LAYOUT.journal}/${writer}.jsonl`)?.offset ?? 0 };
    },
  };
}
