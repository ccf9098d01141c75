import type { RunRecord } from "@switchyard/store";
import type { EngineContext } from "../context.ts";

const CLAIM_AT_ONCE = 1000;
const MOST_RUNS = 1_000_000;
const CHANGES_AT_ONCE = 1000;

/** What the keeper tells of ownership. */
export interface LeaseListener {
  adopt(run: RunRecord): void;
  /** somebody saved this run */
  changed(runId: string): void;
  has(runId: string): boolean;
  /** the lease was lost */
  dropAll(): void;
  /** the lease holds: there may be runs to look at */
  renewed(): void;
}

/**
 * Keeps this server's lease, claims runs that nobody owns, and follows what other servers change. Time on the lease is
 * counted on the monotonic clock from before each renewal, so this server stops acting before others may begin.
 */
export class LeaseKeeper {
  readonly #context: EngineContext;
  readonly #listener: LeaseListener;
  #timer: NodeJS.Timeout | undefined;
  #polling: Promise<void> | undefined;
  #again = false;
  #stopped = false;
  #heldUntil = 0;
  #lastEvent: number | null = null;

  constructor(context: EngineContext, listener: LeaseListener) {
    this.#context = context;
    this.#listener = listener;
  }

  /** True while nobody else can own this server's runs. */
  get held(): boolean {
    return this.#context.clock.monotonicMs() < this.#heldUntil;
  }

  start(): void {
    this.adoptSoon();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#polling;
    try {
      await this.#context.store.leases.release(this.#context.instance);
    } catch (error) {
      this.#context.log.warn({ err: error }, "the lease was not given back; it runs out by itself");
    }
  }

  /** Looks for runs without an owner now. */
  adoptSoon(): void {
    if (this.#stopped) return;
    this.#again = true;
    if (this.#polling !== undefined) return;
    clearTimeout(this.#timer);
    this.#polling = this.#poll().finally(() => {
      this.#polling = undefined;
      if (this.#stopped) return;
      this.#timer = setTimeout(() => this.adoptSoon(), this.#context.settings.pollMs);
    });
  }

  async #poll(): Promise<void> {
    while (this.#again && !this.#stopped) {
      this.#again = false;
      try {
        await this.#renew();
        await this.#followChanges();
      } catch (error) {
        this.#context.log.error({ err: error }, "the lease was not renewed; it is tried again");
      }
    }
  }

  async #renew(): Promise<void> {
    const { store, clock, settings, instance } = this.#context;
    const before = clock.monotonicMs();
    const kept = await store.leases.renew(instance, settings.leaseSeconds);
    const isFirst = this.#heldUntil === 0;
    // A process that was stopped for a while does not see that time pass; the database does.
    if (!kept && !isFirst) this.#listener.dropAll();
    const claimed = await store.leases.acquire(instance, settings.leaseSeconds, CLAIM_AT_ONCE);
    this.#heldUntil = before + settings.leaseSeconds * 1000;
    // After a restart under the same name, runs are owned already: they are not claimed anew.
    if (isFirst || !kept) await this.#adoptOwned();
    this.#listener.renewed();
    for (const id of claimed) {
      if (this.#listener.has(id)) continue;
      const run = await store.runs.get(id);
      if (run !== undefined) this.#listener.adopt(run);
    }
    if (claimed.length === CLAIM_AT_ONCE) this.#again = true;
  }

  async #adoptOwned(): Promise<void> {
    const { store, clock, instance } = this.#context;
    for (const run of await store.runs.due(instance, clock.now(), MOST_RUNS)) this.#listener.adopt(run);
  }

  async #followChanges(): Promise<void> {
    const { events } = this.#context.store;
    this.#lastEvent ??= await events.latestId();
    for (;;) {
      const changes = await events.since(this.#lastEvent, CHANGES_AT_ONCE);
      for (const change of changes) {
        if (change.kind === "run") this.#listener.changed(change.runId);
        this.#lastEvent = change.id;
      }
      if (changes.length < CHANGES_AT_ONCE) return;
    }
  }
}
