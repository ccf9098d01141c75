import { NotFound, RangeNotSatisfiable } from "@switchyard/protocol";
import type {
  ComputeDriver, Cursor, DriverFeatures, Growth, Health, JobBundle, JobHandle, Observation, OutputFile, StopReason, WatchedJob,
} from "../contract.ts"; // biome-ignore format: one line
import { type Grown, shareBudget } from "../site/budget.ts";
import { FakeCompute } from "./fakeCompute.ts";
import type { FakeJob } from "./fakeJob.ts";

export const FAKE_FEATURES: DriverFeatures = { liveLogs: true, requeues: true, multiNode: false, gpu: "no", sharesDisk: false };

/** Talks to a FakeCompute. Like a real driver it remembers nothing: make another one to play a restarted server. */
export class FakeDriver implements ComputeDriver {
  readonly name: string;
  readonly features: DriverFeatures;
  readonly compute: FakeCompute;

  constructor(compute: FakeCompute = new FakeCompute(), options: { name?: string; features?: Partial<DriverFeatures> } = {}) {
    this.compute = compute;
    this.name = options.name ?? "fake";
    this.features = { ...FAKE_FEATURES, ...options.features };
  }

  check(signal: AbortSignal): Promise<Health> {
    return this.compute.answer("check", [], signal, () => ({ ok: true as const }));
  }

  start(bundle: JobBundle, signal: AbortSignal): Promise<JobHandle> {
    return this.compute.answer("start", [bundle.id], signal, async () => {
      for await (const entry of bundle.code()) if (entry.kind === "file") await readToEnd(entry.read());
      const saved: [string, string][] = [];
      for await (const entry of bundle.checkpoints()) if (entry.kind === "file") saved.push([entry.path, await textOf(entry.read())]);
      const job = this.compute.place(bundle);
      for (const [path, text] of saved) job.checkpoints.set(path, text);
      return { driver: this.name, version: 1, jobId: job.id, ref: { host: this.compute.host } };
    });
  }

  find(jobId: string, signal: AbortSignal): Promise<JobHandle | null> {
    return this.compute.answer("find", [jobId], signal, () =>
      this.compute.jobs.has(jobId) ? { driver: this.name, version: 1, jobId, ref: { host: this.compute.host } } : null,
    );
  }

  observe(jobs: readonly WatchedJob[], budgetBytes: number, signal: AbortSignal): Promise<Observation[]> {
    const ids = jobs.map((watched) => watched.handle.jobId);
    return this.compute.answer("observe", ids, signal, () => {
      const grown = growthOf(jobs, (id) => this.#find(id), budgetBytes);
      return ids.map(
        (id, index) =>
          this.compute.lies.get(id) ?? {
            ...observationOf(id, this.#find(id), grown[index] ?? []),
            clockOffsetMs: this.compute.clockOffsetMs,
          },
      );
    });
  }

  manifest(handle: JobHandle, signal: AbortSignal): Promise<readonly OutputFile[]> {
    return this.compute.answer("manifest", [handle.jobId], signal, () =>
      [...this.#require(handle).outputs].map(([path, bytes]) => ({ path, size: bytes.length, modified: new Date(0), skipped: null })),
    );
  }

  async *read(handle: JobHandle, path: string, from: number, signal: AbortSignal): AsyncIterable<Uint8Array> {
    const bytes = await this.compute.answer("read", [handle.jobId], signal, () => this.#require(handle).outputs.get(path));
    if (bytes === undefined) throw new NotFound(`Job ${handle.jobId} has no output "${path}".`);
    if (from > bytes.length) throw new RangeNotSatisfiable(`"${path}" has ${bytes.length} bytes; cannot read from ${from}.`);
    for (let at = from; at < bytes.length; at += 65_536) {
      signal.throwIfAborted();
      yield bytes.subarray(at, at + 65_536);
    }
  }

  cancel(handle: JobHandle, graceSeconds: number, signal: AbortSignal, because: StopReason = "canceled"): Promise<void> {
    return this.compute.answer("cancel", [handle.jobId], signal, () => {
      const job = this.#find(handle.jobId);
      if (job === undefined || job.ended) return;
      job.cancels.push(graceSeconds);
      job.stopReason = because;
      job.onCancel(graceSeconds);
    });
  }

  remove(handle: JobHandle, signal: AbortSignal): Promise<void> {
    return this.compute.answer("remove", [handle.jobId], signal, () => {
      this.#find(handle.jobId)?.vanish();
    });
  }

  listen(wake: (jobId: string) => void): () => void {
    return this.compute.listen(wake);
  }

  #find(jobId: string): FakeJob | undefined {
    const job = this.compute.jobs.get(jobId);
    return job === undefined || job.removed ? undefined : job;
  }

  #require(handle: JobHandle): FakeJob {
    const job = this.#find(handle.jobId);
    if (job === undefined) throw new NotFound(`Job ${handle.jobId} is not on the fake compute.`);
    return job;
  }
}

async function textOf(content: AsyncIterable<Uint8Array>): Promise<string> {
  const pieces: Uint8Array[] = [];
  for await (const bytes of content) pieces.push(bytes);
  return Buffer.concat(pieces).toString("utf8");
}

/** A fake that never read the bundle would hide a bundle that cannot be read. */
async function readToEnd(content: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const _bytes of content);
}

function observationOf(jobId: string, job: FakeJob | undefined, grown: readonly Growth[]): Observation {
  if (job === undefined) return { jobId, attempt: 0, grown: [], phase: "missing" };
  const base = { jobId, attempt: job.attempt, grown };
  const last = job.last;
  if (last?.ended === undefined) return last?.started ? { ...base, phase: "running", node: job.host } : { ...base, phase: "waiting" };
  const { exitCode, because, signal } = last.ended;
  const reason = because ?? (signal === null ? undefined : `signal ${signal}`);
  return { ...base, phase: "exited", exitCode, ...(reason === undefined ? {} : { because: reason }) };
}

function growthOf(watched: readonly WatchedJob[], find: (id: string) => FakeJob | undefined, budgetBytes: number): Growth[][] {
  const pending = watched.map(({ handle, cursors }) => pendingOf(find(handle.jobId), cursors));
  const shares = shareBudget(pending, budgetBytes);
  return pending.map((files, index) =>
    files.flatMap((file, which) => {
      const take = shares[index]?.[which] ?? 0;
      const { attempt, file: name, offset } = file;
      return [{ attempt, file: name, offset, bytes: file.content.subarray(offset, offset + take), more: take < file.bytes }];
    }),
  );
}

function pendingOf(job: FakeJob | undefined, cursors: readonly Cursor[]): (Grown & { content: Buffer })[] {
  const pending: (Grown & { content: Buffer })[] = [];
  for (const [attempt, { files }] of job?.attempts ?? []) {
    for (const [file, content] of files) {
      const offset = cursors.find((cursor) => cursor.attempt === attempt && cursor.file === file)?.offset ?? 0;
      if (content.length > offset) pending.push({ attempt, file, offset, bytes: content.length - offset, content });
    }
  }
  return pending;
}
