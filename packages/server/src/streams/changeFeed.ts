import type { Store } from "@switchyard/store";
import type { Logger } from "pino";

/** Changes that commit close together wake their watchers once. */
const PAUSE_MS = 20;
/** Commits are told at once; this is for those whose hint was lost. */
const POLL_MS = 1000;

/** Waits for changes of a workspace or of one run. */
export interface ChangeWatch {
  /** Resolves when something changed since it was last called, at the latest after `maxMs`, at once when `signal` is aborted. */
  changed(maxMs: number, signal: AbortSignal): Promise<void>;
  close(): void;
}

/** Reads the store's changes once for all streams and wakes those that a change concerns. Reads nothing while nobody watches. */
export class ChangeFeed {
  readonly #events: Store["events"];
  readonly #log: Logger;
  readonly #watches = new Map<string, Set<Watch>>();
  readonly #stopListening: () => void;
  readonly #poll: NodeJS.Timeout;
  #last: number | null = null;
  #reading = false;
  #again = false;

  constructor(events: Store["events"], log: Logger) {
    this.#events = events;
    this.#log = log;
    this.#stopListening = events.onCommit(() => void this.#read());
    this.#poll = setInterval(() => void this.#read(), POLL_MS);
    this.#poll.unref();
  }

  watchRun(runId: string): ChangeWatch {
    return this.#watch(`run ${runId}`);
  }

  watchWorkspace(workspace: string): ChangeWatch {
    return this.#watch(`workspace ${workspace}`);
  }

  close(): void {
    this.#stopListening();
    clearInterval(this.#poll);
  }

  #watch(topic: string): ChangeWatch {
    const watches = this.#watches.get(topic) ?? new Set();
    this.#watches.set(topic, watches);
    const watch = new Watch(() => {
      watches.delete(watch);
      if (watches.size === 0 && this.#watches.get(topic) === watches) this.#watches.delete(topic);
    });
    watches.add(watch);
    return watch;
  }

  async #read(): Promise<void> {
    if (this.#watches.size === 0) {
      this.#last = null; // a new watch looks by itself before it waits
      return;
    }
    this.#again = true;
    if (this.#reading) return;
    this.#reading = true;
    try {
      while (this.#again) {
        this.#again = false;
        await this.#readOnce();
        await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
      }
    } catch (error) {
      this.#log.warn({ err: error }, "changes could not be read; trying again soon");
    } finally {
      this.#reading = false;
    }
  }

  async #readOnce(): Promise<void> {
    if (this.#last === null) {
      this.#last = await this.#events.latestId();
      for (const topic of this.#watches.keys()) this.#wake(topic);
      return;
    }
    for (;;) {
      const rows = await this.#events.since(this.#last, 1000);
      const topics = new Set(rows.flatMap(({ runId, workspace }) => [`run ${runId}`, `workspace ${workspace}`]));
      for (const topic of topics) this.#wake(topic);
      this.#last = rows.at(-1)?.id ?? this.#last;
      if (rows.length < 1000) return;
    }
  }

  #wake(topic: string): void {
    for (const watch of this.#watches.get(topic) ?? []) watch.wake();
  }
}

class Watch implements ChangeWatch {
  readonly #onClose: () => void;
  #dirty = false;
  #wakeUp: (() => void) | null = null;

  constructor(onClose: () => void) {
    this.#onClose = onClose;
  }

  wake(): void {
    this.#dirty = true;
    this.#wakeUp?.();
  }

  async changed(maxMs: number, signal: AbortSignal): Promise<void> {
    if (!this.#dirty && !signal.aborted) {
      await new Promise<void>((resolve) => {
        const done = () => {
          clearTimeout(timer);
          signal.removeEventListener("abort", done);
          this.#wakeUp = null;
          resolve();
        };
        const timer = setTimeout(done, maxMs);
        signal.addEventListener("abort", done);
        this.#wakeUp = done;
      });
    }
    this.#dirty = false;
  }

  close(): void {
    this.#onClose();
  }
}
