import { setTimeout as delay } from "node:timers/promises";
import type { FileName } from "@switchyard/protocol";
import type { ComputeDriver, Cursor, JobHandle, Observation } from "../contract.ts";

/** Long enough for a machine that is busy with everything else; a test that passes never waits for it. */
export const PATIENCE_MS = 100_000;

/** Asks until there is an answer other than undefined or false; says what it waited for when there is none in time. */
export async function until<T>(
  what: string,
  ask: () => T | Promise<T>,
  patienceMs = PATIENCE_MS,
): Promise<Exclude<T, undefined | false | null>> {
  const giveUpAt = performance.now() + patienceMs;
  for (;;) {
    const asked = performance.now();
    const answer = await ask();
    if (answer !== undefined && answer !== false && answer !== null) return answer as Exclude<T, undefined | false | null>;
    const now = performance.now();
    if (now > giveUpAt) throw new Error(`Waited ${patienceMs / 1000} s in vain until ${what}.`);
    // what costs much to ask (a command, a look at a machine) leaves the processor to what is waited for
    await delay(Math.min(Math.max(10, now - asked), 250));
  }
}

/** Follows one job as the engine does: keeps cursors, takes what grew, and checks that each piece begins where the last ended. */
export class Follower {
  readonly handle: JobHandle;
  readonly #driver: ComputeDriver;
  readonly #taken = new Map<string, Buffer[]>();
  readonly #offsets = new Map<string, Cursor>();
  /** the most bytes that one look brought */
  mostBytes = 0;
  looks = 0;

  constructor(driver: ComputeDriver, handle: JobHandle) {
    this.#driver = driver;
    this.handle = handle;
  }

  get cursors(): readonly Cursor[] {
    return [...this.#offsets.values()];
  }

  /** One look; what it brought is taken. */
  async look(budgetBytes = 1_000_000): Promise<Observation> {
    const watched = [{ handle: this.handle, cursors: this.cursors }];
    const [seen] = await this.#driver.observe(watched, budgetBytes, AbortSignal.timeout(PATIENCE_MS));
    if (seen?.jobId !== this.handle.jobId) throw new Error(`Looked at ${this.handle.jobId} and was told about ${seen?.jobId}.`);
    this.looks += 1;
    this.mostBytes = Math.max(this.mostBytes, seen.grown.reduce((sum, { bytes }) => sum + bytes.length, 0)); // biome-ignore format: one line
    for (const { attempt, file, offset, bytes } of seen.grown) this.#take(attempt, file, offset, bytes);
    return seen;
  }

  /** Looks until the job has exited and nothing is left to take. */
  async toTheEnd(budgetBytes?: number): Promise<Extract<Observation, { phase: "exited" }>> {
    return until(`job ${this.handle.jobId} has exited`, async () => {
      const seen = await this.look(budgetBytes);
      return seen.phase === "exited" && seen.grown.length === 0 && seen;
    });
  }

  /** Looks until the script is running. */
  async toTheStart(): Promise<void> {
    await until(`job ${this.handle.jobId} runs`, async () => (await this.look()).phase === "running");
  }

  /** What was taken of a file so far. */
  text(file: FileName, attempt = 1): string {
    return Buffer.concat(this.#taken.get(`${attempt}/${file}`) ?? []).toString("utf8");
  }

  /** The files of which something was taken. */
  get files(): readonly string[] {
    return [...this.#taken.keys()];
  }

  #take(attempt: number, file: FileName, offset: number, bytes: Uint8Array): void {
    const key = `${attempt}/${file}`;
    const expected = this.#offsets.get(key)?.offset ?? 0;
    if (offset !== expected) throw new Error(`The next piece of ${key} begins at ${offset}, not at ${expected}.`);
    if (bytes.length === 0) return;
    this.#taken.set(key, [...(this.#taken.get(key) ?? []), Buffer.from(bytes)]);
    this.#offsets.set(key, { attempt, file, offset: offset + bytes.length });
  }
}
