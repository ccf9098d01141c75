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
  type NodeStateCounts,
  NotImplemented,
  type SlurmSettings,
  type SshSecret,
} from "@switchyard/protocol";
import type { ClusterAllocation, ComputeRecord } from "@switchyard/store";
import type { KindOfCompute } from "../kindOfCompute.ts";
import type { KindParts } from "../kinds.ts";
import { sshAuth, sshLogin } from "../sshLogin.ts";
import { checkAccess, checkScale } from "./checkSettings.ts";
import { statusOfCluster } from "./clusterStatus.ts";

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
  const allocations = new SeenAllocations();
  return {
    check(settings, secret) {
      checkScale(settings);
      checkAccess(settings, secret);
      if ((settings as unknown as ClusterSettings).isolation === "containers")
        throw new BadRequest(
          "Runs are kept apart in containers (isolation) by the local backend only: jobs of Slurm run under one account.",
        );
      if (slurmOf(settings).login !== undefined) sshAuth(loginSecret(secret));
    },
    update(was, changes) {
      const next = { ...was, ...changes };
      checkScale(next);
      return next;
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
    place({ settings }) {
      const { maxNodes } = settings as unknown as ClusterSettings;
      return { maxConcurrentRuns: MOST_SUBMITTED, maxNodes, nodesAtOnce: maxNodes };
    },
    async status(record) {
      try {
        const { counts, resizing, errors } = await ask(record, (cluster) => cluster.status(AbortSignal.timeout(ASK_MS)));
        const problems = errors.map((message) => ({ code: "NodeUnusable", message }));
        return statusOfCluster(record, wordsOf(counts), allocations.after(record, counts, resizing), problems);
      } catch (error) {
        const problems = [{ code: "compute_unreachable", message: (error as Error).message }];
        return statusOfCluster(record, wordsOf(NO_NODES), allocations.of(record), problems);
      }
    },
    async preempt({ name }) {
      throw new NotImplemented(
        `Slurm decides which nodes are taken from the runs of "${name}". Rehearse it there: scontrol requeue JOB, or a job in a partition that preempts.`,
      );
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

const NO_NODES: BackendStatus["counts"] = { idle: 0, running: 0, preparing: 0, leaving: 0, preempted: 0, unusable: 0 };

const wordsOf = (counts: BackendStatus["counts"]) =>
  Object.fromEntries(Object.entries(counts).map(([state, count]) => [`${state}NodeCount`, count])) as NodeStateCounts;

/** Since when the nodes of clusters come and go, as far as this server has seen: Slurm does not tell, nor what it wants. */
class SeenAllocations {
  readonly #seen = new Map<string, ClusterAllocation>();

  of(record: ComputeRecord): ClusterAllocation {
    return this.#seen.get(record.id) ?? { state: "Steady", since: record.provisioningAt.toISOString(), target: 0 };
  }

  after(record: ComputeRecord, counts: BackendStatus["counts"], resizing: boolean): ClusterAllocation {
    const was = this.of(record);
    const state = resizing ? "Resizing" : "Steady";
    const since = state === was.state ? was.since : new Date().toISOString();
    // the goal is what there is
    const next: ClusterAllocation = { state, since, target: counts.idle + counts.running + counts.preparing + counts.unusable };
    this.#seen.set(record.id, next);
    return next;
  }
}
