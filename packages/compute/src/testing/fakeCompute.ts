import { existsSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { ComputeUnreachable } from "@switchyard/protocol";
import type { ComputeDriver, JobBundle, Observation } from "../contract.ts";
import { ACTS_VARIABLE, type Act } from "./acts.ts";
import { FakeJob } from "./fakeJob.ts";

/** The calls of a driver that a test can make go wrong. */
export type DriverCall = Exclude<keyof ComputeDriver, "name" | "features" | "listen">;

/**
 * A compute in memory: what is left when a driver (and the engine around it) is thrown away. Several fake drivers may
 * talk to one. It does what a test says: is unreachable, hangs, loses answers, forgets jobs, lies.
 */
export class FakeCompute {
  readonly host: string;
  readonly jobs = new Map<string, FakeJob>();
  /** every call is answered with ComputeUnreachable while this is true */
  unreachable = false;
  /** how far its clock is ahead of ours */
  clockOffsetMs = 0;
  /** observations given instead of the truth, by job id */
  readonly lies = new Map<string, Observation>();
  /** calls that arrived, in order */
  readonly calls: { readonly call: DriverCall; readonly jobIds: readonly string[] }[] = [];
  /** what happens to a new job; by default its acts are played, and a job without acts waits for the test */
  onStart: (job: FakeJob) => void;
  readonly #hanging = new Map<DriverCall, Promise<void>>();
  readonly #answersToLose = new Map<DriverCall, number>();
  readonly #errors = new Map<DriverCall, Error[]>();
  readonly #listeners = new Set<(jobId: string) => void>();

  constructor(options: { readonly host?: string; readonly onStart?: (job: FakeJob) => void } = {}) {
    this.host = options.host ?? "fake-host";
    this.onStart = options.onStart ?? playActs;
  }

  /** The job with this id; throws when no driver has started it. */
  job(jobId: string): FakeJob {
    const job = this.jobs.get(jobId);
    if (job === undefined) throw new Error(`No job ${jobId} was started on the fake compute.`);
    return job;
  }

  /** Calls of this kind do not answer until the returned function is called or the caller gives up. */
  hang(call: DriverCall): () => void {
    let release = () => {};
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    this.#hanging.set(call, gate);
    return () => {
      this.#hanging.delete(call);
      release();
    };
  }

  /** The next `times` calls do their work, but the caller hears only ComputeUnreachable. */
  loseAnswers(call: DriverCall, times = 1): void {
    this.#answersToLose.set(call, times);
  }

  /** The next calls fail with these errors, and do nothing. */
  fail(call: DriverCall, ...errors: readonly Error[]): void {
    this.#errors.set(call, [...(this.#errors.get(call) ?? []), ...errors]);
  }

  /** Places a job, or finds the one that is there. */
  place(bundle: JobBundle): FakeJob {
    const placed = this.jobs.get(bundle.id);
    if (placed !== undefined && !placed.removed) {
      placed.starts += 1;
      return placed;
    }
    const job = new FakeJob(bundle.job, bundle.secrets, this.host);
    job.clockOffsetMs = this.clockOffsetMs;
    job.onChange = () => {
      for (const wake of this.#listeners) wake(job.id);
    };
    this.jobs.set(job.id, job);
    this.onStart(job);
    return job;
  }

  listen(wake: (jobId: string) => void): () => void {
    this.#listeners.add(wake);
    return () => this.#listeners.delete(wake);
  }

  /** What every call goes through: here it hangs, fails, or is cut off. */
  async answer<T>(call: DriverCall, jobIds: readonly string[], signal: AbortSignal, work: () => T | Promise<T>): Promise<T> {
    this.calls.push({ call, jobIds });
    signal.throwIfAborted();
    const gate = this.#hanging.get(call);
    if (gate !== undefined) await orAborted(gate, signal);
    if (this.unreachable) throw this.#unreachable();
    const error = this.#errors.get(call)?.shift();
    if (error !== undefined) throw error;
    const result = await work();
    const toLose = this.#answersToLose.get(call) ?? 0;
    if (toLose === 0) return result;
    this.#answersToLose.set(call, toLose - 1);
    throw this.#unreachable();
  }

  #unreachable(): ComputeUnreachable {
    return new ComputeUnreachable(`The fake compute ${this.host} does not answer. Look again later.`);
  }
}

function orAborted(promise: Promise<void>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    signal.addEventListener("abort", abort, { once: true });
    void promise.then(resolve).finally(() => signal.removeEventListener("abort", abort));
  });
}

/** Does what a shell would do with the acts of `bundleOf({ acts })`. */
export function playActs(job: FakeJob): void {
  const text = job.job.variables[ACTS_VARIABLE];
  if (text === undefined) return;
  void play(job, JSON.parse(text) as readonly Act[]);
}

async function play(job: FakeJob, acts: readonly Act[]): Promise<void> {
  await delay(1); // a real machine does not begin before `start` has answered either
  if (job.ended) return; // canceled before it began
  job.run();
  for (const act of acts) {
    if ("waitFor" in act) await fileAppears(act.waitFor, job);
    if (job.ended || job.removed) return;
    playAct(job, act);
  }
  job.exit(0);
}

function playAct(job: FakeJob, act: Act): void {
  if ("say" in act) job.say(act.say);
  else if ("sayMany" in act) for (let i = 1; i <= act.sayMany.lines; i += 1) job.say(`${act.sayMany.prefix} ${i}`);
  else if ("write" in act) job.output(act.write.path.replace(/^\.\.\//, ""), act.write.text);
  else if ("exit" in act) job.exit(act.exit);
  else if ("dieOf" in act) job.exit(null, { signal: act.dieOf });
}

async function fileAppears(path: string, job: FakeJob): Promise<void> {
  while (!job.ended && !job.removed && !existsSync(path)) await delay(5);
}
