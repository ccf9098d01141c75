import type { ComputeDriver } from "@switchyard/compute";
import { ComputeUnreachable } from "@switchyard/protocol";
import type { RunRecord } from "@switchyard/store";
import { Alarm } from "../alarm.ts";
import type { EngineContext } from "../context.ts";
import { isCarried } from "../runs/carried.ts";
import { Agenda, compareInLine, placeOf, type Step } from "./agenda.ts";
import { carryOut } from "./carryOut.ts";
import { LeaseKeeper } from "./leaseKeeper.ts";
import { leaveJob } from "./leaveJob.ts";
import { lookAtRuns } from "./lookAtRuns.ts";
import { Pacer } from "./pacer.ts";
import { sendCancel, sendVacate } from "./removeRun.ts";
import { refresh } from "./save.ts";
import { forget, newWatch, type Trouble, type Watch } from "./watch.ts";

/** Looks at one driver that may be under way at once, so that a slow transfer does not hold up all other runs. */
const LOOKS_AT_ONCE = 3;
/** Passes that come due within this time are made together. */
const TOGETHER_MS = 20;
const QUIET_MS = 1000;
/** What is under way when the server stops may take so long. */
const STOP_MS = 10_000;
/** Of the shortest pause between looks: how long a stop that was not taken waits to be sent again. */
const CANCEL_PAUSE = 10;

/**
 * Drives every run that this server owns by *load, look, decide, save*. One pass per run at a time; an error in one run
 * never stops the others; whatever is remembered here can be forgotten at any moment.
 */
export class Reconciler {
  readonly #context: EngineContext;
  readonly #moved: (run: RunRecord) => void;
  readonly #watches = new Map<string, Watch>();
  readonly #byJob = new Map<string, Watch>();
  readonly #agenda: Agenda;
  readonly #pacer: Pacer;
  readonly #leases: LeaseKeeper;
  readonly #stopping = new AbortController();
  readonly #underWay = new Set<Promise<void>>();
  readonly #looks = new WeakMap<ComputeDriver, number>();
  readonly #lookedAt = new WeakMap<ComputeDriver, number>();
  readonly #alarm = new Alarm(() => this.#tick(), this.#stopping.signal);
  #stopListening: (() => void)[] = [];
  #started = false;

  /** `moved` is told of every run that stands somewhere else than before. */
  constructor(context: EngineContext, moved: (run: RunRecord) => void = () => {}) {
    this.#context = context;
    this.#moved = moved;
    this.#agenda = new Agenda(context, this.#watches);
    this.#pacer = new Pacer(context, this.#stopping.signal);
    this.#leases = new LeaseKeeper(context, {
      adopt: (run) => this.#adopt(run),
      changed: (runId) => this.#changedElsewhere(runId),
      has: (runId) => this.#watches.has(runId),
      dropAll: () => this.#dropAll(),
      renewed: () => this.#alarm.in(0),
    });
  }

  start(): void {
    if (this.#started) return;
    this.#started = true;
    const stopFollowing = this.#context.drivers.follow((driver) => {
      const stop = driver.listen?.((jobId) => this.#ring(jobId));
      if (stop !== undefined) this.#stopListening.push(stop);
    });
    this.#stopListening.push(stopFollowing);
    this.#leases.start();
  }

  /** Stops looking; runs go on. Waits for what is under way, but not for ever: what is cut off is taken up again. */
  async stop(): Promise<void> {
    this.#stopping.abort(new Error("The server stops."));
    for (const stop of this.#stopListening) stop();
    this.#stopListening = [];
    const patience = AbortSignal.timeout(STOP_MS);
    const cutOff = new Promise<void>((resolve) => patience.addEventListener("abort", () => resolve(), { once: true }));
    while (this.#underWay.size > 0 && !patience.aborted) await Promise.race([Promise.allSettled([...this.#underWay]), cutOff]);
    await this.#leases.stop();
    this.#watches.clear();
  }

  /** Looks at a run now, or as soon as the pass under way is over. */
  wake(runId: string): void {
    const watch = this.#watches.get(runId);
    if (watch === undefined) {
      this.#leases.adoptSoon();
      return;
    }
    watch.stale = true;
    this.#rouse(watch);
  }

  /** What stands in the way of a run on the server's side. */
  troubleOf(runId: string): Trouble | null {
    return this.#watches.get(runId)?.trouble ?? null;
  }

  /** How late the most overdue look is. Queued runs wait for room, not for a look. */
  lagSeconds(): number {
    const now = this.#context.clock.monotonicMs();
    let lag = 0;
    for (const { record, busy, dueAt } of this.#watches.values()) {
      if (!busy && record.handle !== null) lag = Math.max(lag, (now - dueAt) / 1000);
    }
    return lag;
  }

  /** Who is before a run in line, and who has a place on its target; null for a run of another server. */
  lineOf(runId: string): { ahead: string[]; active: string[] } | null {
    const own = this.#watches.get(runId);
    if (own === undefined) return null;
    const line = { ahead: [] as string[], active: [] as string[] };
    const place = placeOf(this.#context, own.record);
    for (const watch of this.#watches.values()) {
      const { record } = watch;
      if (watch === own || record.state === "ended" || record.state === "collecting" || placeOf(this.#context, record) !== place) continue;
      if (record.state !== "queued" || record.handle !== null) line.active.push(record.id);
      else if (compareInLine(record, own.record) < 0) line.ahead.push(record.id);
    }
    return line;
  }

  #adopt(record: RunRecord): void {
    if (this.#stopping.signal.aborted || this.#watches.has(record.id) || !isCarried(record) || record.removedAt !== null) return;
    const watch = newWatch(record, this.#context.clock.monotonicMs());
    this.#watches.set(record.id, watch);
    if (record.jobId !== null) this.#byJob.set(record.jobId, watch);
    this.#tell(watch);
    this.#alarm.in(0);
  }

  #changedElsewhere(runId: string): void {
    const watch = this.#watches.get(runId);
    if (watch === undefined) return;
    watch.stale = true;
    // Most changes are this server's own; a run that it does not look at often was changed by somebody else.
    if (watch.dueAt > this.#context.clock.monotonicMs() + QUIET_MS) this.#rouse(watch);
  }

  #ring(jobId: string): void {
    const watch = this.#byJob.get(jobId);
    if (watch !== undefined) this.#rouse(watch);
  }

  #rouse(watch: Watch): void {
    watch.pauseMs = 0;
    if (watch.busy) watch.woken = true;
    else {
      watch.dueAt = this.#context.clock.monotonicMs();
      this.#alarm.in(0);
    }
  }

  #drop(watch: Watch): void {
    this.#watches.delete(watch.id);
    if (watch.record.jobId !== null) this.#byJob.delete(watch.record.jobId);
  }

  /** The lease ran out: others may own the runs by now. */
  #dropAll(): void {
    for (const watch of [...this.#watches.values()]) {
      forget(watch);
      this.#drop(watch);
    }
  }

  #tick(): void {
    if (this.#stopping.signal.aborted || !this.#leases.held) return;
    const steps = this.#agenda.take(TOGETHER_MS);
    for (const [driver, watches] of this.#agenda.looksIn(steps)) this.#look(driver, watches);
    for (const step of steps) {
      if (step.kind === "cancel") this.#cancel(step);
      else if (step.kind === "vacate") this.#vacate(step);
      else if (step.kind === "leave") this.#leave(step);
      else if (step.kind !== "look") this.#act(step);
    }
    this.#alarm.in(Math.max(TOGETHER_MS, this.#agenda.nextInMs()));
  }

  #look(driver: ComputeDriver, watches: readonly Watch[]): void {
    const now = this.#context.clock.monotonicMs();
    const running = this.#looks.get(driver) ?? 0;
    const mayLookAt = (this.#lookedAt.get(driver) ?? 0) + (driver.features.lookPauseMs ?? 0);
    if (running >= LOOKS_AT_ONCE || now < mayLookAt) {
      for (const watch of watches) watch.dueAt = Math.max(now + TOGETHER_MS, mayLookAt);
      return;
    }
    this.#lookedAt.set(driver, now);
    this.#looks.set(driver, running + 1);
    const pass = async () => {
      try {
        await lookAtRuns(this.#context, driver, watches, this.#pacer, this.#stopping.signal);
      } finally {
        this.#looks.set(driver, (this.#looks.get(driver) ?? 1) - 1);
      }
    };
    this.#pass(watches, pass);
  }

  #act(step: Step): void {
    this.#pass([step.watch], async () => {
      const { watch } = step;
      try {
        if (!(await refresh(this.#context, watch))) return this.#drop(watch);
        await carryOut(this.#context, step, this.#stopping.signal);
        watch.trouble = null;
        this.#pacer.soon(watch);
      } catch (error) {
        if (error instanceof ComputeUnreachable) await this.#pacer.silent(watch, error);
        else this.#pacer.failed(watch, error);
      }
    });
  }

  /** Stops or removes the job of an earlier attempt while the run goes on. */
  #leave({ watch, driver }: Step): void {
    const [job] = watch.record.left;
    if (job === undefined) return;
    watch.leaving = "under way";
    this.#beside(watch, "the job of an earlier attempt is still there", leaveJob(this.#context, job, driver, this.#stopping.signal), {
      done: () => {
        watch.leaving = "done";
      },
      failed: () => {
        watch.leaving = "no";
        watch.leaveAgainAt = this.#context.clock.monotonicMs() + this.#context.settings.maxLookMs;
      },
    });
  }

  /** Tells a compute to stop a run while the looks at it go on. */
  #cancel({ watch, driver }: Step): void {
    if (driver === undefined) return;
    watch.canceling = "under way";
    this.#beside(watch, "the stop was not taken", sendCancel(this.#context, watch.record, driver, this.#stopping.signal), {
      done: () => {
        watch.canceling = "done";
      },
      failed: () => {
        watch.canceling = "no";
        watch.cancelAgainAt = this.#stopAgainAt();
      },
    });
  }

  /** Tells a compute to stop a run that has to leave its place; it stands in line again afterwards. */
  #vacate({ watch, driver }: Step): void {
    if (driver === undefined) return;
    watch.vacating = "under way";
    this.#beside(watch, "the run did not leave its place", sendVacate(this.#context, watch.record, driver, this.#stopping.signal), {
      done: () => {
        watch.vacating = "done";
      },
      failed: () => {
        watch.vacating = "no";
        watch.cancelAgainAt = this.#stopAgainAt();
      },
    });
  }

  #stopAgainAt(): number {
    return this.#context.clock.monotonicMs() + this.#context.settings.minLookMs * CANCEL_PAUSE;
  }

  /** Lets something go on beside the looks at a run; what failed is tried again when the agenda says so. */
  #beside(watch: Watch, trouble: string, act: Promise<void>, then: { readonly done: () => void; readonly failed: () => void }): void {
    const work = act
      .then(() => {
        then.done();
        this.#rouse(watch);
      })
      .catch((error: unknown) => {
        then.failed();
        if (!this.#stopping.signal.aborted) this.#context.log.warn({ runId: watch.id, err: error }, `${trouble}; it is tried again`);
      })
      .finally(() => this.#underWay.delete(work));
    this.#underWay.add(work);
  }

  /** Runs one pass over some runs, which nobody else may touch meanwhile. */
  #pass(watches: readonly Watch[], act: () => Promise<void>): void {
    for (const watch of watches) watch.busy = true;
    const pass = act()
      .catch((error: unknown) => {
        for (const watch of watches) this.#pacer.failed(watch, error);
      })
      .finally(() => {
        this.#underWay.delete(pass);
        for (const watch of watches) this.#settle(watch);
        this.#alarm.in(0);
      });
    this.#underWay.add(pass);
  }

  #tell(watch: Watch): void {
    const { state, jobId } = watch.record;
    const told = `${state} ${jobId}`;
    if (told === watch.told) return;
    watch.told = told;
    this.#moved(watch.record);
  }

  #settle(watch: Watch): void {
    watch.busy = false;
    const { record } = watch;
    this.#tell(watch);
    if (record.removedAt !== null) {
      this.#drop(watch);
      return;
    }
    if (record.jobId !== null && this.#watches.get(watch.id) === watch) this.#byJob.set(record.jobId, watch);
    if (watch.woken) watch.dueAt = this.#context.clock.monotonicMs();
    watch.woken = false;
  }
}
