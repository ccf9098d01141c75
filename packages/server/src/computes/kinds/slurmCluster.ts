import type { BackendStatus, ToolkitSource } from "@switchyard/compute";
import { LocalSite } from "@switchyard/compute/local";
import type { Site } from "@switchyard/compute/site";
import { createSlurmCluster, createSlurmDriver, type SlurmDriverSettings } from "@switchyard/compute/slurm";
import { createSshSite, probeSsh, type SshSettings } from "@switchyard/compute/ssh";
import {
  BadRequest,
  type ClusterSettings,
  type ComputeNode,
  ComputeUnreachable,
  type JsonObject,
  type SlurmSettings,
  type SshSecret,
  scaleProblem,
  vmSizeProblem,
} from "@switchyard/protocol";
import type { ComputeRecord } from "@switchyard/store";
import type { KindOfCompute } from "../kindOfCompute.ts";
import type { KindParts } from "../kinds.ts";
import { sshAuth, sshLogin } from "../sshLogin.ts";

/** Slurm has a line of its own: this bounds what is handed over to it at once. */
const MOST_SUBMITTED = 1000;
const ASK_MS = 10_000;

/**
 * A cluster whose nodes belong to Slurm: it queues, places, starts again and powers nodes up and down. Its commands are on
 * the server's machine or on a log-in node; run directories lie on a disk that all nodes share.
 */
export function slurmCluster({ siteRoot, tools, serverUrl }: KindParts): KindOfCompute {
  const siteOf = (record: ComputeRecord, secret: JsonObject): { site: Site; sharesDisk: boolean } => {
    const { login, siteRoot: shared } = slurmOf(record.settings);
    if (login === undefined) return { site: new LocalSite({ siteRoot: shared ?? siteRoot, ...tools }), sharesDisk: true };
    const settings = sshLogin({ ...login, siteRoot: shared ?? login.siteRoot }, loginSecret(secret), record.facts.hostKey);
    return { site: createSshSite(settings, { ...tools, serverUrl: serverUrl() }), sharesDisk: false };
  };
  const driverOf = (record: ComputeRecord, secret: JsonObject, name: string) => {
    const { site, sharesDisk } = siteOf(record, secret);
    return createSlurmDriver(driverSettings(record.settings), site, { name, sharesDisk });
  };
  /** What the driver of a record asks its Slurm; the secret is only known where the driver is made. */
  const clusters = new Map<string, ReturnType<typeof createSlurmCluster>>();
  const ask = <T>(record: ComputeRecord, question: (cluster: ReturnType<typeof createSlurmCluster>) => Promise<T>): Promise<T> => {
    const cluster = clusters.get(record.id);
    if (cluster === undefined) throw new ComputeUnreachable(`The cluster "${record.name}" is not in use on this server yet.`);
    return question(cluster);
  };
  return {
    check(settings, secret) {
      const { minNodes, maxNodes, vmSize, isolation } = settings as unknown as ClusterSettings;
      const problem = vmSizeProblem(vmSize) ?? scaleProblem({ minNodes, maxNodes });
      if (problem !== null) throw new BadRequest(problem);
      if (isolation === "containers")
        throw new BadRequest(
          "Runs are kept apart in containers (isolation) by the local backend only: jobs of Slurm run under one account.",
        );
      if (slurmOf(settings).login !== undefined) sshAuth(loginSecret(secret));
    },
    async provision(record, secret, signal) {
      const { login } = slurmOf(record.settings);
      const facts: JsonObject =
        login === undefined ? {} : { hostKey: await meet(sshLogin(login, loginSecret(secret), null), tools, signal) };
      const driver = driverOf({ ...record, facts }, secret, "probe");
      const health = await driver.check(signal);
      if (!health.ok) throw new ComputeUnreachable(health.because);
      return { ...facts, note: health.note ?? null };
    },
    driver(record, secret, name) {
      clusters.set(record.id, createSlurmCluster(driverSettings(record.settings), siteOf(record, secret).site));
      return driverOf(record, secret, name);
    },
    place: ({ settings }) => ({ maxConcurrentRuns: MOST_SUBMITTED, maxNodes: (settings as unknown as ClusterSettings).maxNodes }),
    async status(record) {
      try {
        return statusOf(record, await ask(record, (cluster) => cluster.status(AbortSignal.timeout(ASK_MS))));
      } catch (error) {
        const errors = [{ code: "compute_unreachable", message: (error as Error).message }];
        return { ...statusOf(record, NOTHING_KNOWN), errors };
      }
    },
    async nodes(record) {
      const nodes = await ask(record, (cluster) => cluster.nodes(AbortSignal.timeout(ASK_MS)));
      return nodes.map(
        ({ name, state, address, jobIds }): ComputeNode => ({
          nodeId: name,
          nodeState: state,
          port: null,
          publicIpAddress: null,
          privateIpAddress: address,
          runId: jobIds[0]?.replace(/~\d+$/, "") ?? null,
        }),
      );
    },
  };
}

/** Logs in to the log-in node for the first time, and returns the key it showed. */
async function meet(login: SshSettings, tools: ToolkitSource, signal: AbortSignal): Promise<string> {
  const { hostKey, health } = await probeSsh(login, tools, signal);
  if (!health.ok) throw new ComputeUnreachable(health.because);
  return hostKey;
}

const slurmOf = (settings: JsonObject): SlurmSettings => (settings.slurm ?? { options: [] }) as unknown as SlurmSettings;
const loginSecret = (secret: JsonObject): SshSecret => (secret.login ?? {}) as SshSecret;

function driverSettings(settings: JsonObject): SlurmDriverSettings {
  const { partition, account, qos, options } = slurmOf(settings);
  return { partition: partition ?? null, account: account ?? null, qos: qos ?? null, options: options ?? [] };
}

const NOTHING_KNOWN: BackendStatus = {
  counts: { idle: 0, running: 0, preparing: 0, leaving: 0, preempted: 0, unusable: 0 },
  poweredDown: 0,
  resizing: false,
  errors: [],
};

/** The status object of spec 09 §2. What Slurm wants in nodes it does not tell, so the goal is what there is. */
function statusOf(record: ComputeRecord, { counts, resizing, errors }: BackendStatus): JsonObject {
  const { minNodes, maxNodes, idleSecondsBeforeScaledown, vmPriority, vmSize } = record.settings as unknown as ClusterSettings;
  const current = counts.idle + counts.running + counts.preparing + counts.leaving + counts.unusable;
  return {
    currentNodeCount: current,
    targetNodeCount: current - counts.leaving,
    nodeStateCounts: Object.fromEntries(Object.entries(counts).map(([state, count]) => [`${state}NodeCount`, count])),
    allocationState: resizing ? "Resizing" : "Steady",
    allocationStateTransitionTime: null,
    errors: errors.length === 0 ? null : errors.map((message) => ({ code: "NodeUnusable", message })),
    creationTime: record.createdAt.toISOString(),
    modifiedTime: record.modifiedAt.toISOString(),
    provisioningState: record.provisioningState,
    provisioningStateTransitionTime: record.provisioningAt.toISOString(),
    scaleSettings: { minNodeCount: minNodes, maxNodeCount: maxNodes, nodeIdleTimeBeforeScaleDown: `PT${idleSecondsBeforeScaledown}S` },
    vmPriority: vmPriority === "lowpriority" ? "LowPriority" : "Dedicated",
    vmSize,
  };
}
