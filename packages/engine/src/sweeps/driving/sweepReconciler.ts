import { Alarm } from "../../alarm.ts";
import type { EngineContext } from "../../context.ts";
import type { Actor } from "./act.ts";
import type { Minds } from "./minds.ts";
import { type PassResult, passOverSweep, remember, type SweepMemory } from "./passOverSweep.ts";

/** The shortest pause between two passes over one sweep, whatever wakes it. */
const LEAST_PAUSE_MS = 60;
const STOP_MS = 10_000;
const CHANGES_AT_ONCE = 1000;

interface SweepWatch {
  readonly runId: string;
  memory: SweepMemory | null;
  /** on the monotonic clock */
  dueAt: number;
  busy: boolean;
  woken: boolean;
  /** until then (monotonic) this server drives the sweep */
  heldUntil: number;
  trouble: string | null;
}

/**
 * Drives sweeps, each by one of the servers, which holds its lease. Runs that move, metrics and people's wishes wake it; else it
 * looks about once in a second. All it remembers can be forgotten at any moment.
 */
export class SweepReconciler {
  readonly #context: EngineContext;
  readonly #minds: Minds;
  readonly #actions: Pick<Actor, "wake" | "cancel">;
  readonly #watches = new Map<string, SweepWatch>();
  readonly #stopping = new AbortController();
  readonly #underWay = new Set<Promise<void>>();
  readonly #alarm = new Alarm(() => this.#tick(), this.#stopping.signal);
  #findAt = 0;
  #stopListening: () => void = () => {};
  #lastChange: number | null = null;
  #following = false;
  #followAgain = false;
  #started = false;

  constructor(context: EngineContext, minds: Minds, actions: Pick<Actor, "wake" | "cancel">) {
    this.#context = context;
    this.#minds = minds;
    this.#actions = actions;
  }

  start(): void {
    if (this.#started) return;
    this.#started = true;
    this.#stopListening = this.#context.store.events.onCommit(() => void this.#follow());
    this.#tick();
  }

  /** Stops driving; trials go on. */
  async stop(): Promise<void> {
    this.#stopping.abort(new Error("The server stops."));
    this.#stopListening();
    await Promise.race([Promise.allSettled([...this.#underWay]), after(STOP_MS)]);
    if (!this.#started) return;
    try {
      await this.#context.store.sweeps.release(this.#context.instance);
    } catch (error) {
      this.#context.log.warn({ err: error }, "the leases of sweeps were not given back; they run out by themselves");
    }
  }

  /** Looks at a sweep soon; one that is not known here yet is looked for. */
  wake(runId: string): void {
    if (!this.#started || this.#stopping.signal.aborted) return;
    const watch = this.#watches.get(runId);
    if (watch === undefined) this.#findAt = 0;
    else if (watch.busy) watch.woken = true;
    else watch.dueAt = Math.min(watch.dueAt, this.#now() + LEAST_PAUSE_MS);
    this.#alarm.in(watch === undefined ? 0 : LEAST_PAUSE_MS);
  }

  /** Something changed about a run: it may be a trial. */
  runChanged(parentId: string | null): void {
    if (parentId !== null && this.#watches.has(parentId)) this.wake(parentId);
  }

  /** What stands in the way of a sweep on the server's side. */
  troubleOf(runId: string): string | null {
    return this.#watches.get(runId)?.trouble ?? null;
  }

  #now(): number {
    return this.#context.clock.monotonicMs();
  }

  #tick(): void {
    if (this.#stopping.signal.aborted) return;
    const now = this.#now();
    if (now >= this.#findAt) this.#find();
    let next = this.#findAt;
    for (const watch of this.#watches.values()) {
      if (watch.busy) continue;
      if (watch.dueAt <= now) this.#begin(watch);
      else next = Math.min(next, watch.dueAt);
    }
    this.#alarm.in(Math.max(LEAST_PAUSE_MS, next - now));
  }

  /** Looks for sweeps that are open, and forgets those that are not. */
  #find(): void {
    this.#findAt = this.#now() + this.#context.settings.pollMs;
    this.#track(
      this.#context.store.sweeps.open().then(
        (open) => {
          const known = new Set(open);
          for (const [runId, watch] of this.#watches) if (!known.has(runId) && !watch.busy) this.#watches.delete(runId);
          for (const runId of open) if (!this.#watches.has(runId)) this.#watches.set(runId, newWatch(runId));
          if (open.length > 0) this.#alarm.in(0);
        },
        (error) => this.#context.log.error({ err: error }, "sweeps could not be looked for; it is tried again"),
      ),
    );
  }

  #begin(watch: SweepWatch): void {
    watch.busy = true;
    watch.woken = false;
    this.#track(
      this.#pass(watch)
        .then((pauseMs) => {
          watch.trouble = null;
          watch.dueAt = this.#now() + pauseMs;
        })
        .catch((error: unknown) => this.#passFailed(watch, error))
        .finally(() => {
          watch.busy = false;
          if (watch.woken) watch.dueAt = Math.min(watch.dueAt, this.#now() + LEAST_PAUSE_MS);
          this.#alarm.in(Math.max(0, watch.dueAt - this.#now()));
        }),
    );
  }

  /** Answers after how many milliseconds the next pass is due. */
  async #pass(watch: SweepWatch): Promise<number> {
    const { settings } = this.#context;
    if (!(await this.#hold(watch))) {
      watch.memory = null;
      return settings.pollMs;
    }
    const actor = { context: this.#context, ...this.#actions, mayGoOn: () => this.#mayGoOn(watch) };
    const pass = { runId: watch.runId, actor, minds: this.#minds };
    watch.memory ??= await remember(pass);
    const result: PassResult = await passOverSweep(pass, watch.memory);
    if (result === "stale" || result === "over") watch.memory = null;
    if (result === "over") this.#watches.delete(watch.runId);
    return result === "moved" || result === "stale" ? LEAST_PAUSE_MS : settings.pollMs;
  }

  #mayGoOn({ heldUntil }: SweepWatch): boolean {
    return !this.#stopping.signal.aborted && this.#now() < heldUntil;
  }

  /** Time on the lease is counted from before it was renewed, so this server stops before others may begin. */
  async #hold(watch: SweepWatch): Promise<boolean> {
    const { store, instance, settings } = this.#context;
    const now = this.#now();
    if (watch.heldUntil - now > (settings.leaseSeconds * 1000) / 2) return true;
    const held = await store.sweeps.claim(watch.runId, instance, settings.leaseSeconds);
    // Whoever had it meanwhile may have written.
    if (now >= watch.heldUntil) watch.memory = null;
    watch.heldUntil = held ? now + settings.leaseSeconds * 1000 : 0;
    return held;
  }

  /** Metrics of trials and wishes that other servers took wake their sweep. */
  async #follow(): Promise<void> {
    this.#followAgain = true;
    if (this.#following) return;
    this.#following = true;
    try {
      while (this.#followAgain && !this.#stopping.signal.aborted) {
        this.#followAgain = false;
        await this.#readChanges();
        await after(LEAST_PAUSE_MS);
      }
    } catch (error) {
      this.#context.log.warn({ err: error }, "changes of trials could not be read; sweeps are looked at all the same");
    } finally {
      this.#following = false;
    }
  }

  async #readChanges(): Promise<void> {
    const { events } = this.#context.store;
    if (this.#watches.size === 0 || this.#lastChange === null) {
      this.#lastChange = this.#watches.size === 0 ? null : await events.latestId();
      return;
    }
    for (;;) {
      const changes = await events.since(this.#lastChange, CHANGES_AT_ONCE);
      for (const { id, kind, runId, names } of changes) {
        if (kind === "metrics") this.runChanged(runId.replace(/_\d+$/, ""));
        else if (kind === "sweep") this.#journalGrew(runId, names);
        this.#lastChange = id;
      }
      if (changes.length < CHANGES_AT_ONCE) return;
    }
  }

  /** Most entries are of this server's own writing. */
  #journalGrew(runId: string, numbers: readonly string[]): void {
    const known = this.#watches.get(runId)?.memory?.state.length ?? 0;
    if (numbers.some((number) => Number(number) >= known)) this.runChanged(runId);
  }

  #passFailed(watch: SweepWatch, error: unknown): void {
    watch.memory = null;
    watch.dueAt = this.#now() + this.#context.settings.pollMs;
    if (this.#stopping.signal.aborted) return;
    const message = error instanceof Error ? error.message : String(error);
    if (watch.trouble !== message) this.#context.log.warn({ sweep: watch.runId, err: error }, "a sweep could not go on; it is tried again");
    watch.trouble = message;
  }

  #track(work: Promise<void>): void {
    const tracked = work.finally(() => this.#underWay.delete(tracked));
    this.#underWay.add(tracked);
  }
}

const newWatch = (runId: string): SweepWatch => ({
  runId,
  memory: null,
  dueAt: 0,
  busy: false,
  woken: false,
  heldUntil: 0,
  trouble: null,
});

function after(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms).unref());
}
