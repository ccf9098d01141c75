import { randomUUID } from "node:crypto";
import { ComputeUnreachable, Conflict, LOG_FILES, PathEscape } from "@switchyard/protocol";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ComputeDriver } from "../contract.ts";
import type { NodePhase, NodeProvider, NodeRequest, SeenNode } from "../nodes/provider.ts";
import { bundleOf } from "./bundle.ts";
import { Follower, PATIENCE_MS, until } from "./follow.ts";
import type { NodeLab } from "./nodeLab.ts";

const LONG_SECONDS = 600;
const SHORT_SECONDS = 1;
/** Long enough to do something with a node before it expires, on a machine that is busy with everything else. */
const OCCUPIED_SECONDS = 8;

/** What the promises are tested with: fresh for every test. */
class NodeTest {
  lab!: NodeLab;
  provider!: NodeProvider;
  driver!: ComputeDriver;
  readonly cluster = "pool";
  readonly #made = new Set<string>();
  readonly #started: Follower[] = [];

  get signal(): AbortSignal {
    return AbortSignal.timeout(PATIENCE_MS);
  }

  async open(makeLab: () => Promise<NodeLab>): Promise<void> {
    this.lab = await makeLab();
    this.provider = await this.lab.connect();
    this.driver = await this.lab.connectDriver();
  }

  /** Ends what still runs, so that nothing outlives its test. */
  async close(): Promise<void> {
    for (const follower of this.#started.splice(0)) {
      const { phase } = await follower.look();
      if (phase === "missing" || phase === "exited") continue;
      await this.driver.cancel(follower.handle, 0, this.signal);
      await follower.toTheEnd();
    }
    for (const id of this.#made) await this.lab.kill(id);
    this.#made.clear();
    await this.lab.close();
  }

  request(changes: Partial<NodeRequest> = {}): NodeRequest {
    const id = changes.id ?? `${this.cluster}-${randomUUID().slice(0, 8)}`;
    this.#made.add(id);
    return {
      id,
      cluster: this.cluster,
      vmSize: "Standard_D2_v2",
      vmPriority: "dedicated",
      expirySeconds: LONG_SECONDS,
      image: null,
      ...changes,
    };
  }

  /** A node that is ready. */
  async ready(changes: Partial<NodeRequest> = {}): Promise<string> {
    const request = this.request(changes);
    await this.provider.create(request, this.signal);
    await this.until(request.id, "ready");
    return request.id;
  }

  async see(id: string): Promise<SeenNode | undefined> {
    return (await this.provider.list(null, this.signal)).find((node) => node.id === id);
  }

  until(id: string, ...phases: readonly NodePhase[]): Promise<SeenNode> {
    return until(`node ${id} is ${phases.join(" or ")}`, async () => {
      const node = await this.see(id);
      return node !== undefined && phases.includes(node.phase) ? node : undefined;
    });
  }

  async untilGone(id: string): Promise<void> {
    await until(`nothing of node ${id} runs`, async () => (await this.lab.leftovers(id)).length === 0);
  }

  /** Gives a node to a job and starts the job there, as the engine does. */
  async run(nodeId: string, script: string): Promise<Follower> {
    const node = await this.see(nodeId);
    const bundle = bundleOf({ script, variables: node?.variables ?? {} });
    await this.provider.occupy(nodeId, bundle.id, this.signal);
    const follower = new Follower(this.driver, await this.driver.start(bundle, this.signal));
    this.#started.push(follower);
    return follower;
  }

  /** The same with a script that says when it is ready. */
  async runUntilReady(nodeId: string, script: string): Promise<Follower> {
    const follower = await this.run(nodeId, script);
    await until("the script is ready", async () => {
      await follower.look();
      return follower.text(LOG_FILES.driver).includes("ready");
    });
    return follower;
  }
}

const WAITS = "echo ready; while :; do sleep 0.05; done\n";
const SAVES = `trap 'echo step 7 > checkpoints/state; exit 0' TERM\n${WAITS}`;

/** The promises of the node provider contract as tests. `makeLab` gives every test a place of its own. */
export function describeNodeProvider(name: string, makeLab: () => Promise<NodeLab>): void {
  describe(`${name} node provider`, () => {
    const test = new NodeTest();
    beforeEach(() => test.open(makeLab));
    afterEach(() => test.close());
    promiseNodes(test);
    promiseExpiry(test);
    promiseJobs(test);
    promiseEndings(test);
  });
}

function promiseNodes(test: NodeTest): void {
  it("says that nodes can be made", async () => {
    expect(await test.provider.check(test.signal)).toMatchObject({ ok: true });
    expect(await test.provider.list(null, test.signal)).toEqual([]);
  });

  it("makes a node once however often, and by whomever, it is asked", async () => {
    const request = test.request();
    const others = await Promise.all([1, 2].map(() => test.lab.connect()));
    await Promise.all([test.provider, ...others].map((provider) => provider.create(request, test.signal)));
    await test.until(request.id, "ready");
    await test.provider.create(request, test.signal);
    expect(await test.provider.list(null, test.signal)).toHaveLength(1);
    expect(await test.lab.leftovers(request.id)).not.toEqual([]);
  });

  it("shows a new process what an old one made", async () => {
    const id = await test.ready();
    const [node] = await (await test.lab.connect()).list(test.cluster, test.signal);
    expect(node).toMatchObject({ id, cluster: test.cluster, phase: "ready", because: null, jobs: [] });
  });

  it("tells the nodes of one cluster from those of others", async () => {
    const mine = await test.ready();
    const other = await test.ready({ id: "other-1", cluster: "other" });
    expect((await test.provider.list("other", test.signal)).map(({ id }) => id)).toEqual([other]);
    expect(new Set((await test.provider.list(null, test.signal)).map(({ id }) => id))).toEqual(new Set([mine, other]));
  });

  it("refuses an id that is not one plain name", async () => {
    for (const id of ["../up", "a/b", "", ".hidden", "a b", "x".repeat(101)]) {
      await expect(test.provider.create({ ...test.request({ id: "fine" }), id }, test.signal)).rejects.toThrow(PathEscape);
    }
  });

  it("says unreachable, not gone, when the place does not answer", async () => {
    const id = await test.ready();
    const mend = await test.lab.cut();
    await expect(test.provider.list(null, test.signal)).rejects.toThrow(ComputeUnreachable);
    await mend();
    expect(await test.see(id)).toMatchObject({ phase: "ready" });
  });

  it("gives up when it is told to", async () => {
    const given = AbortSignal.abort(new Error("told to stop"));
    await expect(test.provider.create(test.request(), given)).rejects.toThrow("told to stop");
    await expect(test.provider.list(null, given)).rejects.toThrow("told to stop");
  });
}

function promiseExpiry(test: NodeTest): void {
  it("ends an idle node that nobody renews, by itself", async () => {
    const request = test.request({ expirySeconds: SHORT_SECONDS });
    await test.provider.create(request, test.signal);
    expect(await test.until(request.id, "ended")).toMatchObject({ because: expect.stringContaining("expiry") });
    await test.untilGone(request.id);
  });

  it("keeps a node for as long as it is renewed", async () => {
    const kept = await test.ready({ expirySeconds: OCCUPIED_SECONDS });
    await test.provider.renew([kept], LONG_SECONDS, test.signal);
    const left = await test.ready({ expirySeconds: OCCUPIED_SECONDS });
    await test.untilGone(left);
    expect(await test.see(kept)).toMatchObject({ phase: "ready" });
    await test.provider.renew([left, "never-was"], LONG_SECONDS, test.signal);
  });

  it("lets no node expire that a job has, and counts again from when its data is home", async () => {
    const id = await test.ready({ expirySeconds: OCCUPIED_SECONDS });
    await test.provider.occupy(id, "job-1", test.signal);
    const other = await test.ready({ expirySeconds: OCCUPIED_SECONDS });
    await test.untilGone(other);
    expect(await test.see(id)).toMatchObject({ phase: "ready", jobs: ["job-1"] });
    await test.provider.vacate(id, "job-1", test.signal);
    expect(await test.see(id)).toMatchObject({ jobs: [] });
    await test.untilGone(id);
    expect(await test.see(id)).toMatchObject({ phase: "ended" });
  });
}

function promiseJobs(test: NodeTest): void {
  it("gives a node to a job, and takes it back, however often it is told so", async () => {
    const id = await test.ready();
    await test.provider.occupy(id, "job-1", test.signal);
    await (await test.lab.connect()).occupy(id, "job-1", test.signal);
    expect(await test.see(id)).toMatchObject({ jobs: ["job-1"] });
    await test.provider.vacate(id, "job-1", test.signal);
    await test.provider.vacate(id, "job-1", test.signal);
    await test.provider.vacate("never-was", "job-1", test.signal);
    expect(await test.see(id)).toMatchObject({ jobs: [] });
  });

  it("gives no job a node that is gone", async () => {
    const id = await test.ready();
    await test.lab.kill(id);
    await expect(test.provider.occupy(id, "job-1", test.signal)).rejects.toThrow(Conflict);
    expect(await test.see(id)).toMatchObject({ jobs: [] });
    await expect(test.provider.occupy("never-was", "job-1", test.signal)).rejects.toThrow(Conflict);
  });

  it("tells a job where its own files may lie, and clears them away before the next job", async () => {
    const id = await test.ready();
    const follower = await test.run(id, 'echo left > "$TMPDIR/left"; ls "$TMPDIR"; exit 0\n');
    await follower.toTheEnd();
    expect(follower.text(LOG_FILES.driver)).toBe("left\n");
    await test.provider.vacate(id, follower.handle.jobId, test.signal);
    const next = await test.run(id, 'ls "$TMPDIR"; exit 0\n');
    await next.toTheEnd();
    expect(next.text(LOG_FILES.driver)).toBe("");
  });
}

function promiseEndings(test: NodeTest): void {
  it("lets the jobs of a preempted node save what they can", async () => {
    const id = await test.ready();
    const follower = await test.runUntilReady(id, SAVES);
    await test.provider.preempt(id, 30, test.signal);
    await test.provider.preempt(id, 30, test.signal);
    expect(await follower.toTheEnd()).toMatchObject({ phase: "exited", exitCode: 0, because: "preempted" });
    expect(await test.until(id, "preempted")).toMatchObject({ jobs: [follower.handle.jobId] });
    const left = await test.driver.manifest(follower.handle, test.signal);
    expect(left.map(({ path }) => path)).toContain("checkpoints/state");
    await test.untilGone(id);
  });

  it("kills jobs of a preempted node that do not listen", async () => {
    const id = await test.ready();
    const follower = await test.runUntilReady(id, `trap '' TERM\n${WAITS}`);
    await test.provider.preempt(id, 0.2, test.signal);
    expect(await follower.toTheEnd()).toMatchObject({ exitCode: null, because: "preempted" });
    await test.until(id, "preempted");
  });

  it("preempts an idle node", async () => {
    const id = await test.ready();
    await test.provider.preempt(id, 30, test.signal);
    await test.until(id, "preempted");
    await test.untilGone(id);
    await expect(test.provider.occupy(id, "job-1", test.signal)).rejects.toThrow(Conflict);
  });

  it("ends the jobs of a node that died, and leaves those of others alone", async () => {
    const [dead, alive] = [await test.ready(), await test.ready()];
    const follower = await test.runUntilReady(dead, WAITS);
    const other = await test.runUntilReady(alive, WAITS);
    await test.lab.kill(dead);
    expect(await test.until(dead, "lost")).toMatchObject({ jobs: [follower.handle.jobId] });
    const end = await until("the job was ended", async () => {
      await test.provider.list(null, test.signal);
      const seen = await follower.look();
      return seen.phase === "exited" ? seen : undefined;
    });
    expect(end).toMatchObject({ because: "node_lost" });
    expect(await other.look()).toMatchObject({ phase: "running" });
  });

  it("removes a node with its trace, however often it is told so", async () => {
    const id = await test.ready();
    await Promise.all([test.provider.delete(id, test.signal), (await test.lab.connect()).delete(id, test.signal)]);
    expect(await test.see(id)).toBeUndefined();
    await test.untilGone(id);
    await test.provider.delete(id, test.signal);
    const lost = await test.ready();
    await test.lab.kill(lost);
    await test.provider.delete(lost, test.signal);
    expect(await test.see(lost)).toBeUndefined();
    await test.untilGone(lost);
  });

  it("does not remove a node that a job has", async () => {
    const id = await test.ready();
    const follower = await test.runUntilReady(id, WAITS);
    await expect(test.provider.delete(id, test.signal)).rejects.toThrow(Conflict);
    expect(await test.see(id)).toMatchObject({ phase: "ready" });
    await test.driver.cancel(follower.handle, 0, test.signal);
    await follower.toTheEnd();
    await test.provider.vacate(id, follower.handle.jobId, test.signal);
    await test.provider.delete(id, test.signal);
    expect(await test.see(id)).toBeUndefined();
  });

  it("wakes who listens", async () => {
    if (test.provider.listen === undefined) return;
    const rung = new Set<string>();
    const stop = test.provider.listen((nodeId) => rung.add(nodeId));
    const id = await test.ready();
    await until("the node rang", () => rung.has(id));
    rung.clear();
    await test.lab.kill(await test.ready());
    await test.provider.preempt(id, 1, test.signal);
    await until("the end rang", () => rung.has(id));
    stop();
  });
}
