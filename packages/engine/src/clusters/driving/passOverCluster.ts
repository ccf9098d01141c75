import type { NodeProvider, SeenNode } from "@switchyard/compute";
import { Conflict, failPoint, JobRejected } from "@switchyard/protocol";
import type { ClusterAllocation, NodeChanges, NodeRecord } from "@switchyard/store";
import type { EngineContext } from "../../context.ts";
import { eachAtOnce } from "../../reconciler/atOnce.ts";
import { completeJobs } from "../allocations.ts";
import type { ManagedCluster } from "../managedCluster.ts";
import { planCluster } from "../plan.ts";
import { nextAllocation } from "../status.ts";
import { afterSeeing } from "./afterSeeing.ts";
import { applyPlan, forgetPreempted, letAllGo } from "./applyPlan.ts";
import { type ClusterRows, coreQuotaOf, factsFrom, readRows } from "./gatherFacts.ts";
import { NodeBook } from "./nodeBook.ts";
import { afterVacating, givenBack } from "./tenancy.ts";
import type { WantsOfRuns } from "./wants.ts";

/** Nodes that are made, given or unmade at once. */
const NODES_AT_ONCE = 4;

/** One look at a cluster, with all that follows from it. */
export interface ClusterPass {
  readonly context: EngineContext;
  readonly cluster: ManagedCluster;
  readonly provider: NodeProvider;
  readonly wants: WantsOfRuns;
  readonly signal: AbortSignal;
  /** something about one node failed, and is tried again by the next pass */
  failed(what: string, node: string, error: unknown): void;
}

/** What a pass has found and done. */
export interface ClusterPassResult {
  /** another pass may find more to do at once */
  readonly moved: boolean;
  /** nothing to look after: no nodes, and nobody in line */
  readonly quiet: boolean;
  /** runs that have become able to begin */
  readonly ready: readonly string[];
}

/**
 * Brings a cluster one step on: load, look, decide, save, act. What is decided is saved before anything is done, and
 * everything that is done can be done again: so whoever goes on after a crash finds in the rows what is left to do.
 * Throws OutOfDate when somebody else saved meanwhile, and ComputeUnreachable when nothing can be said about the nodes.
 */
export async function passOverCluster(pass: ClusterPass): Promise<ClusterPassResult> {
  const { context, cluster, provider, wants, signal } = pass;
  const rows = await readRows(context.store, cluster, (runs) => wants.of(context.store, runs));
  const seen = new Map((await provider.list(cluster.id, signal)).map((node) => [node.id, node]));
  const book = new NodeBook(rows.nodes);
  let moved = await takeBack(pass, book, rows, seen);
  const target = await decide(pass, book, rows);
  await makeNodes(pass, book, seen);
  moved = (await giveNodes(pass, book)) || moved;
  moved = (await unmakeNodes(pass, book, seen)) || moved;
  moved = (await keep(pass, book, target)) || moved;
  const ready = context.allocations.note(
    cluster.id,
    completeJobs(book.nodes, (runId) => rows.wants.get(runId)?.nodes),
  );
  const quiet = book.nodes.length === 0 && rows.runs.every(({ state }) => state !== "queued") && cluster.scale.minNodes === 0;
  return { moved, quiet, ready };
}

/** Notes what became of the nodes, and takes back those whose runs need them no more. */
async function takeBack(
  { context, cluster, provider, signal, failed }: ClusterPass,
  book: NodeBook,
  rows: ClusterRows,
  seen: ReadonlyMap<string, SeenNode>,
): Promise<boolean> {
  const { store, clock, instance, allocations } = context;
  const now = clock.now();
  for (const node of book.nodes) book.put(afterSeeing(node, seen.get(node.id), now));
  const back = givenBack(book.nodes, new Map(rows.runs.map((run) => [run.id, run])));
  for (const node of back.nodes) book.put({ ...node, hold: "freeing" });
  allocations.withdraw(
    cluster.id,
    back.nodes.flatMap(({ jobId }) => jobId ?? []),
  );
  const changed = book.isChanged;
  if (changed) await book.save(store, cluster.id, instance, { takenFrom: back.from });
  const freeing = book.nodes.filter(({ hold }) => hold === "freeing");
  await eachAtOnce(freeing, NODES_AT_ONCE, async (node) => {
    failPoint("cluster.before-vacated");
    try {
      await provider.vacate(node.id, node.jobId as string, signal);
      // a node that is wanted back may have lost its job before it was gone itself: it is given to nobody
      book.put(afterSeeing(afterVacating(node, now), seen.get(node.id), now));
    } catch (error) {
      failed("it was not taken from its job", node.id, error);
    }
    failPoint("cluster.after-vacated");
  });
  return changed || freeing.length > 0;
}

/** Decides who gets nodes, how many are made and which go, and saves it. Answers how many there are to be. */
async function decide(pass: ClusterPass, book: NodeBook, rows: ClusterRows): Promise<number> {
  const { context, cluster } = pass;
  const { settings, clock } = context;
  const now = clock.now();
  let target = 0;
  forgetPreempted(book, settings.preemptedNodeSeconds, now);
  if (cluster.isLeaving) letAllGo(book, now);
  else {
    const plan = planCluster(factsFrom(cluster, { ...rows, nodes: book.nodes }, settings), now);
    applyPlan(book, plan, cluster, rows.runs, now);
    target = plan.target;
  }
  if (book.isChanged) {
    failPoint("cluster.before-plan-saved");
    await keep(pass, book, target, { coreQuota: coreQuotaOf(settings, cluster) - rows.coresOfInstances });
    failPoint("cluster.after-plan-saved");
  }
  return target;
}

/** Saves what was changed, and whether the cluster is changing its size. Answers whether there was anything to save. */
async function keep(
  { context, cluster }: ClusterPass,
  book: NodeBook,
  target: number,
  more: Pick<NodeChanges, "coreQuota"> = {},
): Promise<boolean> {
  const { store, clock, instance } = context;
  const was = await store.nodes.allocationOf(cluster.id);
  const allocation = allocationAfter(was, book.nodes, target, clock.now());
  if (!book.isChanged && allocation === was) return false;
  await book.save(store, cluster.id, instance, { ...more, allocation });
  return true;
}

function allocationAfter(was: ClusterAllocation | null, nodes: readonly NodeRecord[], target: number, now: Date): ClusterAllocation {
  const before = was ?? { state: "Steady", since: now.toISOString(), target: 0 };
  const { state, since, target: goal } = nextAllocation({ ...before, since: new Date(before.since) }, nodes, target, now);
  if (was !== null && state === was.state && goal === was.target) return was;
  return { state, since: since.toISOString(), target: goal };
}

/** Asks for every node that is to be and is not there yet; a second time for one that was asked for before a crash. */
async function makeNodes(
  { context, cluster, provider, signal, failed }: ClusterPass,
  book: NodeBook,
  seen: ReadonlyMap<string, SeenNode>,
): Promise<void> {
  const { vmSize, vmPriority, id } = cluster;
  const missing = book.nodes.filter((node) => node.state === "preparing" && !seen.has(node.id));
  await eachAtOnce(missing, NODES_AT_ONCE, async (node) => {
    const expirySeconds = context.settings.nodeExpirySeconds;
    try {
      await provider.create({ id: node.id, cluster: id, vmSize, vmPriority, expirySeconds, image: null }, signal);
      failPoint("cluster.after-node-made");
    } catch (error) {
      if (signal.aborted) throw error;
      const because = error instanceof Error ? error.message : String(error);
      const next: NodeRecord = error instanceof JobRejected ? { ...node, state: "unusable", since: context.clock.now() } : node;
      if (next !== node || node.because !== because) book.put({ ...next, because });
      failed("it could not be made", node.id, error);
    }
  });
}

/** Tells the provider which jobs have which nodes, so that they do not expire under them. A run begins afterwards. */
async function giveNodes({ context, cluster, provider, signal, failed }: ClusterPass, book: NodeBook): Promise<boolean> {
  const giving = book.nodes.filter(({ hold }) => hold === "giving");
  if (giving.length === 0) return false;
  await eachAtOnce(giving, NODES_AT_ONCE, async (node) => {
    try {
      await provider.occupy(node.id, node.jobId as string, signal);
      book.put({ ...node, hold: "given" });
    } catch (error) {
      if (!(error instanceof Conflict)) return failed("it was not given to its job", node.id, error);
      // it ended at the same moment: the next pass takes the run's other nodes back
      book.put({ ...node, state: "unusable", since: context.clock.now(), because: error.message });
    }
  });
  failPoint("cluster.before-given-saved");
  await book.save(context.store, cluster.id, context.instance);
  failPoint("cluster.after-given-saved");
  return true;
}

/** Unmakes what is to go, and forgets what is gone. Nodes that no row knows are left from what was half done: they go too. */
async function unmakeNodes(
  { provider, signal, failed }: ClusterPass,
  book: NodeBook,
  seen: ReadonlyMap<string, SeenNode>,
): Promise<boolean> {
  const known = new Set(book.nodes.map(({ id }) => id));
  const unknown = [...seen.keys()].filter((id) => !known.has(id));
  const leaving = book.nodes.flatMap(({ id, state }) => (state === "leaving" ? [id] : []));
  await eachAtOnce([...leaving, ...unknown], NODES_AT_ONCE, async (id) => {
    try {
      await provider.delete(id, signal);
      failPoint("cluster.before-node-forgotten");
      book.remove(id);
    } catch (error) {
      failed("it could not be unmade", id, error);
    }
  });
  return leaving.length > 0;
}
