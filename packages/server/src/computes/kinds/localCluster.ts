import { availableParallelism } from "node:os";
import { setTimeout as delay } from "node:timers/promises";
import { LOCAL_FEATURES, LocalSite, readHostIdentity, requireContainerEngine } from "@switchyard/compute/local";
import { LocalNodeProvider } from "@switchyard/compute/localNodes";
import { SiteDriver } from "@switchyard/compute/site";
import {
  type ClusterLimits,
  clusterNodeOf,
  coresOf,
  countStates,
  type Isolation,
  limitsOf,
  type ManagedCluster,
  type NodeView,
} from "@switchyard/engine";
import { BadRequest, type ClusterSettings, Conflict, findVmSize, type JsonObject, NotFound } from "@switchyard/protocol";
import type { ComputeRecord, NodeRecord, Store } from "@switchyard/store";
import type { KindOfCompute } from "../kindOfCompute.ts";
import type { KindParts } from "../kinds.ts";
import { checkAccess, checkScale } from "./checkSettings.ts";
import { statusOfCluster } from "./clusterStatus.ts";

const NODES_LEFT_MS = 200;
/** What cloud providers give a machine that they want back. */
const NOTICE_SECONDS = 30;

/**
 * A cluster whose nodes are processes of the machine of the server that made it. Runs there belong to one account, so it
 * serves whoever created it, and nobody else; unless each of them is in a container that keeps it from the others.
 */
export function localCluster({ siteRoot, tools, store, settings }: KindParts): KindOfCompute {
  const host = readHostIdentity();
  const providers = new Map<string, LocalNodeProvider>();
  const providerAt = (root: string) => {
    const provider = providers.get(root) ?? new LocalNodeProvider({ siteRoot: root, ...tools });
    providers.set(root, provider);
    return provider;
  };
  const isHere = ({ facts }: ComputeRecord) => facts.hostId === host.id;
  return {
    check(wanted, secret) {
      checkCluster(wanted, limitsOf(settings));
      checkAccess(wanted, secret);
    },
    update(was, changes) {
      const next = { ...was, ...changes };
      checkCluster(next, limitsOf(settings));
      return next;
    },
    async provision(record, _secret, signal) {
      const health = await providerAt(siteRoot).check();
      if (!health.ok) throw new Conflict(health.because);
      if (isIsolated(record)) await requireContainerEngine(signal);
      signal.throwIfAborted();
      return { hostId: host.id, host: host.name, siteRoot };
    },
    async unprovision(record, _secret, signal) {
      while ((await store.nodes.of(record.id)).length > 0) await delay(NODES_LEFT_MS, undefined, { signal });
      await store.nodes.forget(record.id);
    },
    driver: (record, _secret, name) =>
      new SiteDriver(name, { ...LOCAL_FEATURES, multiNode: true }, new LocalSite({ siteRoot: rootOf(record, siteRoot), ...tools })),
    place: (record) => ({
      maxConcurrentRuns: settingsOf(record).maxNodes,
      maxNodes: settingsOf(record).maxNodes,
      ...(isIsolated(record) ? { isolation: isolationOf(record) } : { onlyFor: record.createdBy, onlyForBecause: ONLY_FOR_BECAUSE }),
      ...(settingsOf(record).forRun !== undefined && { madeFor: settingsOf(record).forRun as string }),
      room: { vmSize: settingsOf(record).vmSize, vmPriority: settingsOf(record).vmPriority },
      closedBecause:
        record.facts.hostId === undefined || isHere(record)
          ? null
          : `The nodes of "${record.name}" are processes of the machine ${record.facts.host}, and this server is on ${host.name}. Only the server there can start runs on it.`,
    }),
    status: async (record) =>
      statusOfCluster(record, countStates(await store.nodes.of(record.id)), await store.nodes.allocationOf(record.id)),
    nodes: async (record) => (await store.nodes.of(record.id)).map((node) => clusterNodeOf(nodeViewOf(node))),
    cluster: (record) => managedCluster(record, isHere(record) ? providerAt(rootOf(record, siteRoot)) : null),
    async preempt(record, nodeId, signal) {
      if (!isHere(record))
        throw new Conflict(`The nodes of "${record.name}" are on the machine ${record.facts.host}: ask the server there.`);
      const node = await nodeToPreempt(store, record, nodeId);
      await providerAt(rootOf(record, siteRoot)).preempt(node.id, NOTICE_SECONDS, signal);
    },
  };
}

const ONLY_FOR_BECAUSE =
  "Its nodes are processes of one account on one machine, so runs of different people there could read each other's files and tokens; " +
  "several people need a cluster whose runs are in containers (create amlcompute --isolation containers).";
const isIsolated = (record: ComputeRecord): boolean => settingsOf(record).isolation === "containers";

function isolationOf(record: ComputeRecord): Isolation {
  const { vmSize } = settingsOf(record);
  const memoryMegabytes = Math.floor((findVmSize(vmSize)?.memoryGB ?? 1) * 1024);
  return { cores: coresOf(vmSize), memoryMegabytes, machineCores: availableParallelism() };
}

const settingsOf = ({ settings }: ComputeRecord): ClusterSettings => settings as unknown as ClusterSettings;
/** Where its nodes and jobs lie: beside the jobs of the server that made it. */
const rootOf = ({ facts }: ComputeRecord, own: string): string => (typeof facts.siteRoot === "string" ? facts.siteRoot : own);

/** Refuses a cluster that cannot be, or could never have the nodes it is to have. */
function checkCluster(settings: JsonObject, limits: ClusterLimits): void {
  checkScale(settings);
  const { minNodes, maxNodes, vmSize, vmPriority } = settings as unknown as ClusterSettings;
  if (maxNodes > limits.nodesPerCluster) {
    throw new BadRequest(`A cluster may have ${limits.nodesPerCluster} nodes at most; max_nodes is ${maxNodes}.`);
  }
  const cores = minNodes * coresOf(vmSize);
  if (cores > limits.cores[vmPriority]) {
    throw new BadRequest(
      `${minNodes} nodes of ${vmSize} (min_nodes) have ${cores} cores; the workspace's quota of ${vmPriority} cores is ${limits.cores[vmPriority]}. Lower min_nodes, or raise the quota.`,
    );
  }
}

function managedCluster(record: ComputeRecord, provider: LocalNodeProvider | null): ManagedCluster {
  const { minNodes, maxNodes, idleSecondsBeforeScaledown, vmSize, vmPriority } = settingsOf(record);
  return {
    id: record.id,
    workspace: record.workspace,
    name: record.name,
    scale: { minNodes, maxNodes, idleSecondsBeforeScaledown },
    vmSize,
    vmPriority,
    provider,
    isLeaving: record.provisioningState === "Deleting",
  };
}

const nodeViewOf = ({ id, state, runId, address }: NodeRecord): NodeView => ({
  id,
  state,
  runId,
  publicIp: address.publicIp,
  privateIp: address.privateIp,
  port: address.sshPort,
});

async function nodeToPreempt(store: Store, record: ComputeRecord, nodeId: string | undefined): Promise<NodeRecord> {
  const nodes = await store.nodes.of(record.id);
  const living = nodes.filter(({ state }) => state === "running" || state === "idle");
  if (nodeId !== undefined) {
    const named = nodes.find(({ id }) => id === nodeId);
    if (named === undefined)
      throw new NotFound(`"${record.name}" has no node "${nodeId}". List them: switchyard computetarget nodes -n ${record.name}`);
    if (living.includes(named)) return named;
    throw new Conflict(`Node ${nodeId} is ${named.state}, so it cannot be preempted.`);
  }
  const node = living.find(({ state, hold }) => state === "running" && hold === "given") ?? living[0];
  if (node === undefined) throw new Conflict(`"${record.name}" has no node that could be preempted now.`);
  return node;
}
