import { ATTEMPT_LAYOUT, type EndedEvent, type EndReason, type FileName, type JobEvent, type JobFile } from "@switchyard/protocol";
import type { StopReason } from "../contract.ts";

/** One start of the script on the fake compute: its growing files, and how it ended. */
export interface FakeAttempt {
  readonly files: Map<FileName, Buffer>;
  started: boolean;
  ended: EndedEvent | undefined;
}

type NewEvent = JobEvent extends infer E ? (E extends JobEvent ? Omit<E, "at"> : never) : never;

/** A job on the fake compute. Tests play the machine: they claim, log, end, or lose it. */
export class FakeJob {
  readonly id: string;
  readonly job: JobFile;
  readonly secrets: Readonly<Record<string, string>>;
  readonly attempts = new Map<number, FakeAttempt>();
  /** by path relative to the job directory: `outputs/model.pkl` */
  readonly outputs = new Map<string, Buffer>();
  /** how often a driver was told to start it */
  starts = 1;
  /** what earlier attempts of its run had saved */
  readonly checkpoints = new Map<string, string>();
  /** why it was last stopped */
  stopReason: StopReason | null = null;
  /** the grace seconds of every cancel that arrived */
  readonly cancels: number[] = [];
  removed = false;
  /** what a cancel does to it; by default it dies at once of TERM */
  onCancel: (graceSeconds: number) => void = () => this.exit(null, { signal: "TERM", because: "canceled" });
  onChange: () => void = () => {};
  readonly host: string;
  /** how far the machine's clock is ahead of ours */
  clockOffsetMs = 0;

  constructor(job: JobFile, secrets: Readonly<Record<string, string>>, host: string) {
    this.id = job.jobId;
    this.job = job;
    this.secrets = secrets;
    this.host = host;
  }

  #now(): string {
    return new Date(Date.now() + this.clockOffsetMs).toISOString();
  }

  /** The last attempt that was claimed, 0 before any. */
  get attempt(): number {
    return Math.max(0, ...this.attempts.keys());
  }

  get last(): FakeAttempt | undefined {
    return this.attempts.get(this.attempt);
  }

  get ended(): boolean {
    return this.last?.ended !== undefined;
  }

  /** Claims the next attempt, as a supervisor does before anything runs. */
  claim(): this {
    const next = this.attempt === 0 ? this.job.firstAttempt : this.attempt + 1;
    this.attempts.set(next, { files: new Map(), started: false, ended: undefined });
    return this.event({ kind: "claimed", host: this.host, pid: 1, bootId: "fake-boot" });
  }

  /** Starts the script, in an attempt that is claimed first unless one is waiting for its start. */
  run(): this {
    if (this.last === undefined || this.last.started || this.ended) this.claim();
    this.event({ kind: "environment", state: "user", name: null, because: null, seconds: null });
    this.#claimed().started = true;
    return this.event({ kind: "started", pid: 2 });
  }

  /** Lets a file of the last attempt grow. */
  write(file: FileName, content: string | Uint8Array): this {
    const files = this.#claimed().files;
    files.set(file, Buffer.concat([files.get(file) ?? Buffer.alloc(0), Buffer.from(content)]));
    this.onChange();
    return this;
  }

  /** A line of the script's standard output. */
  say(line: string): this {
    return this.write(this.job.logs.driver, `${line}\n`);
  }

  /** Journal records of one writer, a JSON text per line. */
  journal(writer: string, ...records: readonly object[]): this {
    return this.write(`journal/${writer}.jsonl`, records.map((record) => `${JSON.stringify(record)}\n`).join(""));
  }

  event(event: NewEvent): this {
    return this.write(ATTEMPT_LAYOUT.events, `${JSON.stringify({ at: this.#now(), ...event })}\n`);
  }

  output(path: string, content: string | Uint8Array): this {
    this.outputs.set(path, Buffer.from(content));
    return this;
  }

  /** Ends the last attempt; does nothing when it has ended. A job that was never claimed is claimed first. */
  exit(
    exitCode: number | null,
    how: { readonly signal?: string; readonly because?: EndReason; readonly rank?: EndedEvent["rank"] } = {},
  ): this {
    if (this.last === undefined) this.claim();
    const attempt = this.#claimed();
    if (attempt.ended !== undefined) return this;
    const files: Record<string, number> = {};
    for (const [name, bytes] of attempt.files) files[name] = name === ATTEMPT_LAYOUT.events ? -1 : bytes.length;
    const ended: EndedEvent = {
      at: this.#now(),
      kind: "ended",
      exitCode,
      signal: how.signal ?? null,
      because: how.because ?? null,
      seconds: 0.1,
      cpuSeconds: 0.1,
      peakMemoryBytes: 1_000_000,
      ...(how.rank === undefined ? {} : { rank: how.rank }),
      files,
    };
    this.event(ended);
    attempt.ended = ended;
    this.onChange();
    return this;
  }

  /** The compute loses every trace of it. */
  vanish(): this {
    this.removed = true;
    return this;
  }

  #claimed(): FakeAttempt {
    const attempt = this.last;
    if (attempt === undefined) throw new Error(`Fake job ${this.id} has no attempt yet: call claim() or run() first.`);
    return attempt;
  }
}
