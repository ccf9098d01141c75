import type { SubmitOptions } from "@switchyard/engine";
import { type NumberedEntry, type Sweep, type SweepEntry, TERMINAL_STATUSES } from "@switchyard/protocol";
import type { Handlers } from "../http/handler.ts";
import type { Parts } from "../parts.ts";
import type { ChangeFeed } from "../streams/changeFeed.ts";

type Names =
  | "submitSweep"
  | "getSweep"
  | "stopSweep"
  | "resumeSweep"
  | "extendSweep"
  | "addTrials"
  | "lendTrial"
  | "readSweepJournal"
  | "reportSweep"
  | "replaySweep"
  | "replayJournal";

/** Sweeps: submitted, looked at, changed, replayed. */
export function sweepHandlers({ store, engine, feed }: Parts): Pick<Handlers, Names> {
  return {
    async submitSweep({ params, body, caller, idempotency }) {
      const options: SubmitOptions = { submittedBy: caller.user, ...(idempotency && { idempotency }) };
      const { id } = await engine.submitSweep(params.workspace, body, options);
      return await engine.sweep(id);
    },
    async getSweep({ params: { runId }, query: { after, waitSeconds }, signal }) {
      if (after === undefined) return await engine.sweep(runId);
      return await whenGrown({ feed, signal, read: () => engine.sweep(runId) }, runId, after, waitSeconds);
    },
    async stopSweep({ params: { runId }, body, caller }) {
      await engine.stopSweep(runId, body.cancelRunning, caller.user);
      return await engine.sweep(runId);
    },
    async resumeSweep({ params: { runId }, caller }) {
      await engine.reopenSweep(runId, {}, caller.user);
      return await engine.sweep(runId);
    },
    async extendSweep({ params: { runId }, body, caller }) {
      await engine.reopenSweep(runId, body, caller.user);
      return await engine.sweep(runId);
    },
    async addTrials({ params: { runId }, body }) {
      return await engine.addTrials(runId, body.trials);
    },
    async lendTrial({ params: { runId }, body: { key } }) {
      return await engine.lendTrial(runId, key);
    },
    async readSweepJournal({ params: { runId }, query: { from, limit } }) {
      await engine.sweep(runId); // NotFound when it is none
      const stored = await store.sweeps.entries(runId, from, limit);
      const entries = stored.map(({ number, at, entry }): NumberedEntry => {
        return { number, at: at.toISOString(), entry: entry as unknown as SweepEntry };
      });
      return { entries, next: entries.length < limit ? null : from + entries.length };
    },
    async reportSweep({ params: { runId } }) {
      return await engine.reportSweep(runId);
    },
    async replaySweep({ params: { runId } }) {
      return await engine.replaySweep(runId);
    },
    async replayJournal({ body }) {
      return engine.replayJournal(body);
    },
  };
}

interface Waiting {
  readonly feed: ChangeFeed;
  readonly signal: AbortSignal;
  read(): Promise<Sweep>;
}

/** The sweep once its journal has more entries than `after`, or it is over, or the time is. */
async function whenGrown({ feed, signal, read }: Waiting, runId: string, after: number, waitSeconds: number): Promise<Sweep> {
  const end = performance.now() + waitSeconds * 1000;
  const watch = feed.watchRun(runId);
  try {
    for (;;) {
      const sweep = await read();
      const left = end - performance.now();
      if (sweep.entries > after || TERMINAL_STATUSES.has(sweep.status) || left <= 0 || signal.aborted) return sweep;
      await watch.changed(left, signal);
    }
  } finally {
    watch.close();
  }
}
