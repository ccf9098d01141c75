import { createHash } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { type ArtifactStorage, openArtifacts } from "@switchyard/artifacts";
import { ACTS_VARIABLE, type Act, FakeCompute, FakeDriver } from "@switchyard/compute/testing";
import { encodeTree, type JsonObject, type Submission, type TreeEntry } from "@switchyard/protocol";
import { openStore, type RunRecord, type Store } from "@switchyard/store";
import { Engine, type EngineOptions, type EngineSettings, fixedDrivers, fixedTargets, localTarget, silentLogger } from "../../src/index.ts";

const WAIT_MS = 100_000;

/** Settings under which nothing waits longer than a test has to. */
export const FAST: Partial<EngineSettings> = {
  minLookMs: 5,
  maxLookMs: 50,
  pollMs: 20,
  drainSeconds: 30, // for what never comes; a test that waits for that sets its own
  leaseSeconds: 30,
  maxConcurrentRuns: 50,
};

/** A store, a storage and a compute that outlive the engines which a test makes and throws away. */
export class World {
  readonly store: Store;
  readonly artifacts: ArtifactStorage;
  readonly compute: FakeCompute;
  readonly folder: string;
  readonly #engines: Engine[] = [];

  private constructor(store: Store, artifacts: ArtifactStorage, folder: string) {
    this.store = store;
    this.artifacts = artifacts;
    this.folder = folder;
    this.compute = new FakeCompute();
  }

  static async make(): Promise<World> {
    const folder = await mkdtemp(join(tmpdir(), "switchyard-engine-"));
    const store = await openStore("sqlite::memory:");
    await store.workspaces.ensure("default");
    return new World(store, await openArtifacts(`folder:${folder}/artifacts`), folder);
  }

  /** An engine that is started; `instance` names the server it stands for. */
  engine(settings: Partial<EngineSettings> = {}, options: Partial<EngineOptions> = {}): Engine {
    const all = { ...FAST, ...settings };
    const driver = new FakeDriver(this.compute, { name: "local" });
    const engine = new Engine({
      store: this.store,
      artifacts: this.artifacts,
      drivers: fixedDrivers([driver]),
      targets: fixedTargets([localTarget(all.maxConcurrentRuns ?? 50)]),
      instance: "server-1",
      log: silentLogger,
      client: { serverUrl: "http://127.0.0.1:1", subscriptionId: "sub", resourceGroup: "group" },
      settings: all,
      ...options,
    });
    this.#engines.push(engine);
    engine.start();
    return engine;
  }

  async close(): Promise<void> {
    for (const engine of this.#engines) await engine.stop();
    await this.store.close();
    await rm(this.folder, { recursive: true, force: true });
  }

  /** Stores files as a snapshot and names it. */
  async snapshot(files: Readonly<Record<string, string>>): Promise<string> {
    const entries: TreeEntry[] = [];
    for (const [name, text] of Object.entries(files))
      entries.push({ kind: "file", name, mode: 0o644, size: Buffer.byteLength(text), sha256: await this.#blob(text) });
    const root = await this.#blob(encodeTree(entries));
    const bytes = entries.reduce((sum, entry) => sum + (entry.kind === "file" ? entry.size : 0), 0);
    return (await this.store.snapshots.create("default", { root, files: entries.length, bytes })).snapshotId;
  }

  /** A submission of `train.py` on the local target. */
  async submission(
    configuration: JsonObject = {},
    files: Readonly<Record<string, string>> = { "train.py": "print(1)\n" },
  ): Promise<Submission> {
    return {
      experimentName: "test",
      snapshotId: await this.snapshot(files),
      runConfiguration: {
        script: "train.py",
        target: "local",
        environment: { python: { userManagedDependencies: true, interpreterPath: "python3" } },
        ...configuration,
      } as unknown as Record<string, never>,
    };
  }

  /** Submits a script that does these acts on the fake compute; without acts the test plays the machine. */
  async submit(engine: Engine, acts?: readonly Act[], configuration: JsonObject = {}): Promise<RunRecord> {
    const variables = acts === undefined ? {} : { environmentVariables: { [ACTS_VARIABLE]: JSON.stringify(acts) } };
    return engine.submit("default", await this.submission({ ...variables, ...configuration }), { submittedBy: "tester" });
  }

  async run(id: string): Promise<RunRecord> {
    const run = await this.store.runs.get(id);
    if (run === undefined) throw new Error(`no run ${id}`);
    return run;
  }

  /** Waits until the stored run is as asked. */
  async until(id: string, isSo: (run: RunRecord) => boolean): Promise<RunRecord> {
    return eventually(
      async () => {
        const run = await this.run(id);
        return isSo(run) ? run : null;
      },
      async () => JSON.stringify(await this.run(id)),
    );
  }

  ended(id: string): Promise<RunRecord> {
    return this.until(id, (run) => run.state === "ended");
  }

  /** The whole text of a file of a run. */
  async text(id: string, path: string): Promise<string> {
    const chunks: Uint8Array[] = [];
    for await (const chunk of this.artifacts.runFiles.read(id, path)) chunks.push(chunk);
    return Buffer.concat(chunks).toString("utf8");
  }

  async #blob(text: string): Promise<string> {
    const bytes = Buffer.from(text);
    const sha256 = createHash("sha256").update(bytes).digest("hex");
    await this.artifacts.blobs.put(sha256, [bytes]);
    return sha256;
  }
}

/** Asks again until there is an answer; fails with `last` when there is none for long. */
export async function eventually<T>(ask: () => Promise<T | null | undefined | false>, last?: () => Promise<string>): Promise<T> {
  const until = performance.now() + WAIT_MS;
  for (;;) {
    const answer = await ask();
    if (answer) return answer;
    if (performance.now() > until) throw new Error(`It did not happen within ${WAIT_MS} ms. ${(await last?.()) ?? ""}`);
    await delay(3);
  }
}
