import type { NodeRecord, RunStanding, Store } from "@switchyard/store";
import type { EngineSettings } from "../../settings.ts";
import type { ClusterFacts, QueuedRun, RunningRun } from "../facts.ts";
import { coresOf, coresOfInstances } from "../limits.ts";
import type { ManagedCluster } from "../managedCluster.ts";
import type { Wants } from "./wants.ts";

/** What was read about a cluster from the database. */
export interface ClusterRows {
  readonly nodes: readonly NodeRecord[];
  readonly runs: readonly RunStanding[];
  readonly wants: ReadonlyMap<string, Wants>;
  /** cores of other clusters and of compute instances of the workspace, of the cluster's priority */
  readonly coresElsewhere: number;
  /** the part of these that instances hold */
  readonly coresOfInstances: number;
}

type Settings = Pick<EngineSettings, "dedicatedCoreQuota" | "lowpriorityCoreQuota" | "nodePrepareTimeoutSeconds" | "unusableNodeSeconds">;

export const coreQuotaOf = (settings: Settings, { vmPriority }: Pick<ManagedCluster, "vmPriority">): number =>
  vmPriority === "dedicated" ? settings.dedicatedCoreQuota : settings.lowpriorityCoreQuota;

/** Everything that decides about a cluster. */
export function factsFrom(cluster: ManagedCluster, rows: ClusterRows, settings: Settings): ClusterFacts {
  const { nodes, runs, wants } = rows;
  const coreQuota = coreQuotaOf(settings, cluster);
  const withNodes = new Map(nodes.flatMap(({ runId, since }) => (runId === null ? [] : [[runId, since] as const])));
  return {
    scale: {
      ...cluster.scale,
      vmPriority: cluster.vmPriority,
      coresPerNode: coresOf(cluster.vmSize),
      coresAllowed: Math.max(0, coreQuota - rows.coresElsewhere),
      coreQuota,
    },
    nodes: nodes.map(({ id, state, since, runId }) => ({ id, state, since, runId })),
    queue: runs.flatMap((run) => (isInLine(run) && !withNodes.has(run.id) ? [queuedRun(run, wants.get(run.id))] : [])),
    running: runs.flatMap((run) => {
      const since = withNodes.get(run.id);
      return since === undefined ? [] : [runningRun(run, since, wants.get(run.id))];
    }),
    prepareTimeoutSeconds: settings.nodePrepareTimeoutSeconds,
    unusableSeconds: settings.unusableNodeSeconds,
  };
}

const isInLine = (run: RunStanding): boolean => run.state === "queued" && run.jobId === null && !run.cancelRequested;

function queuedRun({ id, createdAt, submittedBy }: RunStanding, wants: Wants | undefined): QueuedRun {
  return { id, createdAt, submitter: submittedBy, nodes: 1, priority: 0, limitSeconds: null, ...wants };
}

/** Counted from when it got its nodes: an earlier attempt began earlier. */
function runningRun({ id }: RunStanding, since: Date, wants: Wants | undefined): RunningRun {
  return { id, startedAt: since, limitSeconds: wants?.limitSeconds ?? null };
}

/** Reads what decides about a cluster. */
export async function readRows(
  store: Store,
  cluster: ManagedCluster,
  wantsOf: (runs: readonly RunStanding[]) => Promise<ReadonlyMap<string, Wants>>,
): Promise<ClusterRows> {
  const nodes = await store.nodes.of(cluster.id);
  const holders = [...new Set(nodes.flatMap(({ runId }) => (runId === null ? [] : [runId])))];
  const runs = await store.runs.standingOn(cluster.workspace, cluster.name, holders);
  const coresOfInstances = await readCoresOfInstances(store, cluster);
  const coresElsewhere = coresOfInstances + (await store.nodes.coresHeld(cluster.workspace, cluster.vmPriority, cluster.id));
  return { nodes, runs, wants: await wantsOf(runs), coresElsewhere, coresOfInstances };
}

async function readCoresOfInstances(store: Store, { workspace, vmPriority }: ManagedCluster): Promise<number> {
  return vmPriority === "dedicated" ? coresOfInstances(await store.computes.list(workspace)) : 0;
}
