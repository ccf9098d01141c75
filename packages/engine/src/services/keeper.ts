import type { ComputeDriver, JobHandle } from "@switchyard/compute";
import { ComputeUnreachable, failPoint, SwitchyardError } from "@switchyard/protocol";
import type { LeftServiceJob, ServiceRecord } from "@switchyard/store";
import { Alarm } from "../alarm.ts";
import type { EngineContext } from "../context.ts";
import { FINAL_ERRORS } from "../finalErrors.ts";
import { packService } from "./bundle.ts";
import { harvest, note } from "./logs.ts";
import { asksForLife, Pulse } from "./pulse.ts";
import { afterDeleted, afterLooking, beginStart, giveUp, placed, wordOf } from "./states.ts";

const BUSY_MS = 400;
const IDLE_MS = 2000;
const GRACE_SECONDS = 10;
/** what one pass over a service may do at most; the rest is the next one's */
const MOST_STEPS = 20;
/** starts whose logs are kept */
const KEPT_STARTS = 5;
/** the driver of this machine */
const DRIVER = "local";
/** Of a service also a model that was deleted between its deployment and a start. */
const FINAL_FOR_SERVICES: ReadonlySet<string> = new Set([...FINAL_ERRORS, "not_found", "conflict"]);

/**
 * Looks after the web services of this server's machine by load, look, decide, save, as the reconciler does after runs. A service
 * is carried by a job of the local driver; when that ends, another one is started.
 */
export class ServiceKeeper {
  readonly #context: EngineContext;
  readonly #off = new AbortController();
  readonly #passing = new Map<string, Promise<void>>();
  /** services that could not be looked after: what was said of that, and when they are tried again */
  readonly #troubles = new Map<string, { readonly message: string; readonly until: number }>();
  readonly #announced = new Set<string>();
  readonly #pulse: Pulse;
  readonly #alarm: Alarm;
  #unlisten: (() => void)[] = [];
  #began = false;

  constructor(context: EngineContext) {
    this.#context = context;
    this.#pulse = new Pulse(context.clock);
    this.#alarm = new Alarm(() => void this.#round(), this.#off.signal);
  }

  start(): void {
    this.#began = true;
    this.#context.drivers.follow((driver) => {
      if (driver.name === DRIVER && driver.listen !== undefined) this.#unlisten.push(driver.listen((jobId) => this.#rang(jobId)));
    });
    this.wake();
  }

  /** Services go on; what is under way is waited for. */
  async stop(): Promise<void> {
    this.#off.abort();
    for (const unlisten of this.#unlisten) unlisten();
    await Promise.allSettled(this.#passing.values());
  }

  /** Looks at all services soon: somebody changed one. */
  wake(): void {
    if (this.#began) this.#alarm.in(0);
  }

  /** Looks at one service now, unless it is another server's. */
  async look(id: string): Promise<void> {
    if (!this.#began) return;
    await this.#passing.get(id);
    await this.#pass(id);
  }

  #rang(jobId: string): void {
    if (/^service-/.test(jobId)) this.wake();
  }

  async #round(): Promise<void> {
    const { store, instance, log } = this.#context;
    try {
      const services = await store.services.ofInstance(instance);
      await Promise.all(services.map(({ id }) => this.#pass(id)));
      const after = services.length === 0 ? [] : await store.services.ofInstance(instance);
      if (after.length > 0) this.#alarm.in(after.some(isBusy) ? BUSY_MS : IDLE_MS);
    } catch (err) {
      if (this.#off.signal.aborted) return;
      log.warn({ err }, "the web services could not be looked at; trying again");
      this.#alarm.in(IDLE_MS);
    }
  }

  /** One pass over a service at a time; whoever comes meanwhile waits for it. */
  #pass(id: string): Promise<void> {
    const under = this.#passing.get(id);
    if (under !== undefined) return under;
    const pass = this.#passOver(id).finally(() => this.#passing.delete(id));
    this.#passing.set(id, pass);
    return pass;
  }

  async #passOver(id: string): Promise<void> {
    const { store, instance, clock } = this.#context;
    if ((this.#troubles.get(id)?.until ?? 0) > clock.monotonicMs()) return;
    try {
      for (let step = 0; step < MOST_STEPS && !this.#off.signal.aborted; step++) {
        const service = await store.services.byId(id);
        if (service === undefined || service.instance !== instance || !(await this.#step(service))) break;
      }
      this.#troubles.delete(id);
    } catch (err) {
      if (!this.#off.signal.aborted) this.#trouble(id, err as Error);
    }
  }

  /** Says once what is wrong, and leaves the service alone for a while: a full disk does not become empty by being asked again. */
  #trouble(id: string, err: Error): void {
    const { log, clock } = this.#context;
    const known = this.#troubles.get(id)?.message;
    this.#troubles.set(id, { message: err.message, until: clock.monotonicMs() + IDLE_MS });
    if (known === err.message) return;
    const level = err instanceof ComputeUnreachable ? "warn" : "error";
    log[level]({ err, service: id }, "a web service could not be looked after; trying again");
  }

  /** Does the next thing that is to be done for a service. True: there may be another one at once. */
  async #step(service: ServiceRecord): Promise<boolean> {
    const { store, clock } = this.#context;
    const driver = this.#context.drivers.get(DRIVER);
    if (driver === undefined) return false;
    if (service.left.length > 0) return await this.#endLeft(driver, service);
    if (service.deletedAt !== null) {
      if (service.jobId !== null) return await this.#save(service, afterDeleted(service, clock.now()));
      await this.#context.artifacts.runFiles.removeRun(service.id);
      this.#pulse.forget(service.id);
      this.#troubles.delete(service.id);
      await store.services.remove(service);
      return false;
    }
    if (service.jobId === null) {
      if (service.state === "Failed" || (service.retryAt !== null && service.retryAt > clock.now())) return false;
      return await this.#save(service, beginStart(service));
    }
    return service.handle === null ? await this.#place(driver, service, service.jobId) : await this.#look(driver, service);
  }

  async #save(was: ServiceRecord, next: ServiceRecord): Promise<boolean> {
    if (next !== was) await this.#context.store.services.replace(was, next);
    return true; // saved or not, the next step loads again
  }

  async #place(driver: ComputeDriver, service: ServiceRecord, jobId: string): Promise<boolean> {
    const { clock } = this.#context;
    try {
      failPoint("service.before-start");
      await this.#announce(service, jobId);
      const handle = await driver.start(packService(this.#context, service, jobId), this.#off.signal);
      failPoint("service.after-start");
      return await this.#save(service, placed(service, handle as never));
    } catch (error) {
      if (!(error instanceof SwitchyardError) || !FINAL_FOR_SERVICES.has(error.code)) throw error;
      return await this.#save(service, giveUp(service, { code: wordOf(error.code), message: error.message }, clock.now()));
    }
  }

  async #announce(service: ServiceRecord, jobId: string): Promise<void> {
    if (this.#announced.has(jobId)) return;
    this.#announced.add(jobId);
    const old = service.starts - KEPT_STARTS;
    if (old > 0) await this.#context.artifacts.runFiles.remove(service.id, `${old}`);
    await note(this.#context, service.id, wordsOfStart(service));
  }

  async #look(driver: ComputeDriver, service: ServiceRecord): Promise<boolean> {
    const handle = service.handle as unknown as JobHandle;
    const budget = this.#context.settings.observeBudgetBytes;
    const [observation] = await driver.observe([{ handle, cursors: service.cursors }], budget, this.#off.signal);
    if (observation === undefined) return false;
    const { told, cursors } = await harvest(this.#context, service, observation.grown);
    const more = observation.grown.some((growth) => growth.more);
    const grew = observation.grown.length > 0;
    const answers = asksForLife(service, observation) ? await this.#pulse.feel(service, this.#off.signal) : null;
    const known = grew ? { ...service, cursors } : service;
    // as long as there is more to take, the reason of its end may be in that
    const next = more ? known : afterLooking(known, { observation, told, answers }, this.#context.clock.now());
    if (next.state !== service.state || next.jobId === null) await note(this.#context, service.id, wordsOfChange(service, next));
    await this.#save(service, next);
    return next !== service;
  }

  /** Ends and removes a job that carries its service no more. */
  async #endLeft(driver: ComputeDriver, service: ServiceRecord): Promise<boolean> {
    const [job, ...others] = service.left as readonly [LeftServiceJob, ...LeftServiceJob[]];
    if (!(await this.#isGone(driver, job))) return false;
    return await this.#save(service, { ...service, left: others });
  }

  async #isGone(driver: ComputeDriver, { jobId, handle: known }: LeftServiceJob): Promise<boolean> {
    const { signal } = this.#off;
    const handle = (known as unknown as JobHandle | null) ?? (await driver.find?.(jobId, signal)) ?? null;
    if (handle === null) return true;
    const [seen] = await driver.observe([{ handle, cursors: [] }], 0, signal);
    if (seen?.phase === "missing") return true;
    if (seen?.phase !== "exited") {
      await driver.cancel(handle, GRACE_SECONDS, signal);
      return false;
    }
    await driver.remove(handle, signal);
    return true;
  }
}

/** Something is about to happen to it. */
function isBusy({ left, deletedAt, state }: ServiceRecord): boolean {
  return left.length > 0 || deletedAt !== null || state === "Transitioning";
}

function wordsOfStart({ name, starts, definition: { deployment } }: ServiceRecord): string {
  const where =
    deployment.computeType === "local"
      ? "as a process of the server's machine"
      : "as a process of the server's machine, which stands for a container instance: no cloud is asked, and cores and memory are not limited";
  return `Start ${starts} of web service "${name}", ${where}.`;
}

function wordsOfChange(was: ServiceRecord, { state, error, retryAt }: ServiceRecord): string {
  const why = error === null ? "" : ` ${error.message}`;
  if (retryAt !== null && state === "Transitioning") return `It ended, and is started again.${why}`;
  return `${was.state} -> ${state}.${why}`;
}
