import type { NodeProvider } from "@switchyard/compute";
import { ComputeUnreachable } from "@switchyard/protocol";
import { Alarm } from "../../alarm.ts";
import type { EngineContext } from "../../context.ts";
import { completeJobs } from "../allocations.ts";
import type { ClusterFacts } from "../facts.ts";
import type { ManagedCluster } from "../managedCluster.ts";
import { factsFrom, readRows } from "./gatherFacts.ts";
import { OutOfDate } from "./nodeBook.ts";
import { type ClusterPassResult, passOverCluster } from "./passOverCluster.ts";
import { WantsOfRuns } from "./wants.ts";

/** The shortest pause between two passes over one cluster, whatever wakes it. */
const LEAST_PAUSE_MS = 40;
/** Something was done just now: what follows from it shows soon. */
const SOON_MS = 150;
/** A cluster without nodes and without runs in line. */
const QUIET_MS = 5000;
const STOP_MS = 10_000;

/** What is remembered of a cluster between two passes; all of it can be read again. */
interface ClusterWatch {
  readonly wants: WantsOfRuns;
  /** on the monotonic clock */
  dueAt: number;
  busy: boolean;
  woken: boolean;
  /** until then (monotonic) this server drives the cluster */
  heldUntil: number;
  renewAt: number;
  trouble: string | null;
}

/**
 * Drives the clusters whose nodes we make ourselves: each by one of the servers, which holds its lease. Runs and nodes
 * wake it; else it looks about once in a second. All it remembers can be forgotten at any moment.
 */
export class ClusterReconciler {
  readonly #context: EngineContext;
  readonly #wakeRun: (runId: string) => void;
  readonly #watches = new Map<string, ClusterWatch>();
  readonly #listening = new Map<NodeProvider, () => void>();
  readonly #stopping = new AbortController();
  readonly #underWay = new Set<Promise<void>>();
  readonly #alarm = new Alarm(() => this.#tick(), this.#stopping.signal);
  #started = false;

  constructor(context: EngineContext, wakeRun: (runId: string) => void) {
    this.#context = context;
    this.#wakeRun = wakeRun;
  }

  start(): void {
    if (this.#started) return;
    this.#started = true;
    this.#tick();
  }

  /** Stops driving; nodes and their jobs go on. */
  async stop(): Promise<void> {
    this.#stopping.abort(new Error("The server stops."));
    for (const stop of this.#listening.values()) stop();
    this.#listening.clear();
    await Promise.race([Promise.allSettled([...this.#underWay]), after(STOP_MS)]);
    if (!this.#started) return;
    try {
      await this.#context.store.nodes.release(this.#context.instance);
    } catch (error) {
      this.#context.log.warn({ err: error }, "the leases of clusters were not given back; they run out by themselves");
    }
  }

  /** Looks at a cluster soon; at every cluster when none is named. */
  wake(clusterId?: string): void {
    if (!this.#started || this.#stopping.signal.aborted) return;
    for (const { id } of this.#context.clusters.list()) {
      if (clusterId !== undefined && id !== clusterId) continue;
      const watch = this.#watchOf(id);
      if (watch.busy) watch.woken = true;
      else watch.dueAt = Math.min(watch.dueAt, this.#now() + LEAST_PAUSE_MS);
    }
    this.#alarm.in(LEAST_PAUSE_MS);
  }

  /** Something changed about a run: its cluster may have to do with it. */
  runChanged(workspace: string, target: string): void {
    const cluster = this.#context.clusters.of(workspace, target);
    if (cluster !== undefined) this.wake(cluster.id);
  }

  /** What decides about a cluster now, for `why`. */
  async factsOf(cluster: ManagedCluster): Promise<ClusterFacts> {
    const { store, settings } = this.#context;
    return factsFrom(cluster, await readRows(store, cluster, (runs) => new WantsOfRuns().of(store, runs)), settings);
  }

  #now(): number {
    return this.#context.clock.monotonicMs();
  }

  #watchOf(id: string): ClusterWatch {
    let watch = this.#watches.get(id);
    if (watch === undefined) {
      watch = { wants: new WantsOfRuns(), dueAt: 0, busy: false, woken: false, heldUntil: 0, renewAt: 0, trouble: null };
      this.#watches.set(id, watch);
    }
    return watch;
  }

  #tick(): void {
    if (this.#stopping.signal.aborted) return;
    const clusters = this.#context.clusters.list();
    const ids = new Set(clusters.map(({ id }) => id));
    for (const id of [...this.#watches.keys()]) if (!ids.has(id) && !this.#watches.get(id)?.busy) this.#watches.delete(id);
    const now = this.#now();
    let next = now + this.#context.settings.pollMs;
    for (const cluster of clusters) {
      const watch = this.#watchOf(cluster.id);
      if (watch.busy) continue;
      if (watch.dueAt <= now) this.#begin(cluster, watch);
      else next = Math.min(next, watch.dueAt);
    }
    this.#alarm.in(Math.max(LEAST_PAUSE_MS, next - now));
  }

  #begin(cluster: ManagedCluster, watch: ClusterWatch): void {
    watch.busy = true;
    watch.woken = false;
    const pass = this.#pass(cluster, watch)
      .then((pauseMs) => {
        watch.dueAt = this.#now() + pauseMs;
      })
      .catch((error: unknown) => this.#passFailed(cluster, watch, error))
      .finally(() => {
        watch.busy = false;
        if (watch.woken) watch.dueAt = Math.min(watch.dueAt, this.#now() + LEAST_PAUSE_MS);
        this.#underWay.delete(pass);
        this.#alarm.in(Math.max(LEAST_PAUSE_MS, Math.min(this.#context.settings.pollMs, watch.dueAt - this.#now())));
      });
    this.#underWay.add(pass);
  }

  /** Answers after how many milliseconds the next pass is due. */
  async #pass(cluster: ManagedCluster, watch: ClusterWatch): Promise<number> {
    const { settings } = this.#context;
    const began = this.#now();
    const { provider } = cluster;
    if (cluster.isLeaving && (await this.#context.store.nodes.of(cluster.id)).length === 0) return settings.pollMs; // soon forgotten
    if (provider === null || !(await this.#hold(cluster, watch))) return this.#follow(cluster, watch);
    this.#listenTo(provider);
    const result = await passOverCluster({
      context: this.#context,
      cluster,
      provider,
      wants: watch.wants,
      signal: this.#stopping.signal,
      failed: (what, node, error) => this.#noteTrouble(cluster, watch, `Node ${node}: ${what}`, error),
    });
    await this.#renew(cluster, provider, watch);
    for (const runId of result.ready) this.#wakeRun(runId);
    return Math.max(pauseAfter(result, settings.pollMs), (this.#now() - began) * 4);
  }

  /** Another server drives the cluster: runs that this one looks after still have to know when they may begin. */
  async #follow(cluster: ManagedCluster, watch: ClusterWatch): Promise<number> {
    const { store, allocations, settings } = this.#context;
    const { nodes, wants } = await readRows(store, cluster, (runs) => watch.wants.of(store, runs));
    for (const runId of allocations.note(
      cluster.id,
      completeJobs(nodes, (id) => wants.get(id)?.nodes),
    ))
      this.#wakeRun(runId);
    return settings.pollMs;
  }

  /** Time on the lease is counted from before it was renewed, so this server stops before others may begin. */
  async #hold({ id }: ManagedCluster, watch: ClusterWatch): Promise<boolean> {
    const { store, instance, settings } = this.#context;
    const now = this.#now();
    if (watch.heldUntil - now > (settings.leaseSeconds * 1000) / 2) return true;
    const held = await store.nodes.claim(id, instance, settings.leaseSeconds);
    watch.heldUntil = held ? now + settings.leaseSeconds * 1000 : 0;
    return held;
  }

  /** A node ends by itself when nobody asks after it for long. */
  async #renew({ id }: ManagedCluster, provider: NodeProvider, watch: ClusterWatch): Promise<void> {
    const { store, settings } = this.#context;
    if (this.#now() < watch.renewAt) return;
    const nodes = await store.nodes.of(id);
    if (nodes.length > 0) {
      await provider.renew(
        nodes.map((node) => node.id),
        settings.nodeExpirySeconds,
        this.#stopping.signal,
      );
    }
    watch.renewAt = this.#now() + (settings.nodeExpirySeconds * 1000) / 4;
  }

  #listenTo(provider: NodeProvider): void {
    if (this.#listening.has(provider) || this.#stopping.signal.aborted) return;
    this.#listening.set(provider, provider.listen?.(() => this.wake()) ?? (() => {}));
  }

  #passFailed(cluster: ManagedCluster, watch: ClusterWatch, error: unknown): void {
    watch.dueAt = this.#now() + (error instanceof OutOfDate ? LEAST_PAUSE_MS : this.#context.settings.pollMs);
    if (error instanceof OutOfDate || this.#stopping.signal.aborted) watch.heldUntil = 0;
    else this.#noteTrouble(cluster, watch, error instanceof ComputeUnreachable ? "its nodes cannot be looked at" : "a pass failed", error);
  }

  #noteTrouble(cluster: ManagedCluster, watch: ClusterWatch, what: string, error: unknown): void {
    if (this.#stopping.signal.aborted) return;
    const message = error instanceof Error ? error.message : String(error);
    if (watch.trouble === message) return;
    watch.trouble = message;
    this.#context.log.warn({ cluster: cluster.name, err: error }, `${what}; it is tried again`);
  }
}

function pauseAfter({ moved, quiet }: ClusterPassResult, pollMs: number): number {
  if (moved) return Math.min(SOON_MS, pollMs);
  return quiet ? Math.max(QUIET_MS, pollMs) : pollMs;
}

function after(ms: number): Promise<void> {
  return new Promise((resolve) => AbortSignal.timeout(ms).addEventListener("abort", () => resolve(), { once: true }));
}
