import { type ComputeUnreachable, SwitchyardError } from "@switchyard/protocol";
import type { EngineContext } from "../context.ts";
import { afterSilence } from "../runs/afterObserving.ts";
import { rulesFor } from "./rules.ts";
import { refresh, save, toldByChange } from "./save.ts";
import { forget, type Watch } from "./watch.ts";

const GROWING_PAUSE = 1.6;
const FIRST_TROUBLE_MS = 200;
/** Two runs in step would be looked at in step for ever. */
const SPREAD = 0.1;

/** Decides when each run is looked at again: soon after something happened, ever more rarely while nothing does. */
export class Pacer {
  readonly #context: EngineContext;
  readonly #stopping: AbortSignal;

  constructor(context: EngineContext, stopping: AbortSignal) {
    this.#context = context;
    this.#stopping = stopping;
  }

  /** Something happened: look again at once. */
  soon(watch: Watch): void {
    watch.pauseMs = 0;
    this.#lookIn(watch, 0);
  }

  /** Something grew: more may follow shortly. */
  grew(watch: Watch): void {
    this.#lookIn(watch, this.#context.settings.minLookMs);
  }

  /** Nothing happened. */
  quiet(watch: Watch): void {
    const { minLookMs, maxLookMs } = this.#context.settings;
    const longer = Math.max(minLookMs, watch.pauseMs * GROWING_PAUSE);
    this.#lookIn(watch, Math.min(maxLookMs, longer));
  }

  /** The compute did not answer: that says nothing about the run. */
  async silent(watch: Watch, error: ComputeUnreachable): Promise<void> {
    const { clock, log } = this.#context;
    const now = clock.now();
    const { code, message } = error;
    if (watch.trouble?.code !== code || watch.trouble.message !== message) {
      log.warn({ runId: watch.id, target: watch.record.target, err: error }, "compute does not answer");
      // the reason may become another one (a lost connection, then a changed host key); it is silent since the first
      watch.trouble = { since: watch.trouble?.code === code ? watch.trouble.since : now, code, message };
    }
    try {
      if (!(await refresh(this.#context, watch))) return;
      const next = afterSilence(watch.record, watch.trouble.since, now, rulesFor(this.#context, watch.record));
      await save(this.#context, watch, next, toldByChange(watch.record, next, now));
    } catch (unsaved) {
      return this.failed(watch, unsaved);
    }
    this.#lookIn(watch, this.#longerPause(watch));
  }

  /** Something on this side went wrong: a full disk, a busy database. The run waits, and `why` says for what. */
  failed(watch: Watch, error: unknown): void {
    if (this.#stopping.aborted) return; // what was cut off by the stop is no trouble
    const { clock, log } = this.#context;
    const code = error instanceof SwitchyardError ? error.code : "internal";
    const message = error instanceof Error ? error.message : String(error);
    if (watch.trouble?.message !== message) {
      log.error({ runId: watch.id, state: watch.record.state, err: error }, "a pass over a run failed; it is made again");
      watch.trouble = { since: clock.now(), code, message };
    }
    forget(watch);
    watch.endings = null;
    watch.drained = false;
    this.#lookIn(watch, this.#longerPause(watch));
  }

  #longerPause(watch: Watch): number {
    return Math.min(this.#context.settings.maxLookMs, Math.max(FIRST_TROUBLE_MS, watch.pauseMs * 2));
  }

  #lookIn(watch: Watch, pauseMs: number): void {
    watch.pauseMs = pauseMs;
    watch.dueAt = this.#context.clock.monotonicMs() + pauseMs * (1 + SPREAD * Math.random());
  }
}
