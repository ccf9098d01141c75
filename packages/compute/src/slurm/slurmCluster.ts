import { ComputeUnreachable } from "@switchyard/protocol";
import { type BackendNode, type BackendStatus, type ClusterBackend, NODE_STATES, type NodeState } from "../clusterBackend.ts";
import type { Site } from "../site/site.ts";
import { listPartitions } from "./checkSlurm.ts";
import { runSlurm, unanswered } from "./commands.ts";
import { expandHostList } from "./hostList.ts";
import type { SlurmDriverSettings } from "./settings.ts";

/** The nodes of a partition as those of a managed cluster. Slurm powers them up and down; this only looks. */
export class SlurmCluster implements ClusterBackend {
  readonly #settings: SlurmDriverSettings;
  readonly #site: Site;

  constructor(settings: SlurmDriverSettings, site: Site) {
    this.#settings = settings;
    this.#site = site;
  }

  async status(signal: AbortSignal): Promise<BackendStatus> {
    const nodes = await this.#list(signal);
    const counts = Object.fromEntries(NODE_STATES.map((state) => [state, nodes.filter((node) => node.state === state).length]));
    return {
      counts: counts as Record<NodeState, number>,
      poweredDown: nodes.filter((node) => node.state === null).length,
      resizing: nodes.some((node) => node.state === "preparing" || node.state === "leaving"),
      errors: nodes.flatMap((node) =>
        node.state === "unusable" ? [`Node ${node.name} is ${node.words}${node.because === null ? "" : `: ${node.because}`}.`] : [],
      ),
    };
  }

  async nodes(signal: AbortSignal): Promise<readonly BackendNode[]> {
    const [nodes, jobs] = [await this.#list(signal), await this.#jobsByNode(signal)];
    return nodes.flatMap(({ name, state, address, because }) =>
      state === null ? [] : [{ name, state, address, because, jobIds: jobs.get(name) ?? [] }],
    );
  }

  async #list(signal: AbortSignal): Promise<SlurmNode[]> {
    const partition = this.#settings.partition ?? (await this.#defaultPartition(signal));
    const result = await runSlurm(this.#site, ["scontrol", "--oneliner", "--all", "show", "node"], signal);
    if (result.code !== 0) throw unanswered("scontrol", result);
    return parseNodes(result.stdout).filter((node) => partition === null || node.partitions.includes(partition));
  }

  async #defaultPartition(signal: AbortSignal): Promise<string | null> {
    const partitions = await listPartitions(this.#site, signal);
    if (typeof partitions === "string") throw new ComputeUnreachable(`Slurm cannot be asked: sinfo says "${partitions}".`);
    return partitions.find((each) => each.isDefault)?.name ?? null;
  }

  async #jobsByNode(signal: AbortSignal): Promise<Map<string, string[]>> {
    const result = await runSlurm(
      this.#site,
      ["squeue", "--noheader", "--states=RUNNING,COMPLETING,CONFIGURING,SUSPENDED", "--format=%N|%j"],
      signal,
    );
    if (result.code !== 0) throw unanswered("squeue", result);
    const jobs = new Map<string, string[]>();
    for (const line of result.stdout.split("\n")) {
      const [, list = "", jobId] = /^([^|]*)\|switchyard-(.+)$/.exec(line.trim()) ?? [];
      if (jobId !== undefined) for (const node of expandHostList(list)) jobs.set(node, [...(jobs.get(node) ?? []), jobId]);
    }
    return jobs;
  }
}

/** A node in Slurm's words; `state` null: powered down, so that it is no node of the cluster now. */
export interface SlurmNode {
  readonly name: string;
  readonly state: NodeState | null;
  readonly words: string;
  readonly address: string | null;
  readonly because: string | null;
  readonly partitions: readonly string[];
}

/** One node a line, `Key=value` words; the reason may have blanks in it, with who gave it in brackets after it. */
export function parseNodes(text: string): SlurmNode[] {
  return text.split("\n").flatMap((line) => {
    const name = /^NodeName=(\S+)/.exec(line)?.[1];
    const state = / State=(\S+)/.exec(line)?.[1];
    if (name === undefined || state === undefined) return [];
    const reason = / Reason=(.*?)(?: \[\S+@\S+\])?\s*(?: Comment=.*| Extra=.*)?$/.exec(line)?.[1];
    return [
      {
        name,
        state: stateOf(state),
        words: state.toLowerCase().replaceAll("+", ", "),
        address: / NodeAddr=(\S+)/.exec(line)?.[1] ?? null,
        because: reason === undefined || reason === "(null)" || reason === "" ? null : reason,
        partitions: / Partitions=(\S+)/.exec(line)?.[1]?.split(",") ?? [],
      },
    ];
  });
}

/** `MIXED+CLOUD+POWERING_UP`, with `*` after a word when the node does not answer. */
export function stateOf(text: string): NodeState | null {
  const flags = new Set(text.replaceAll("*", "+NOT_RESPONDING").split("+"));
  const has = (...names: readonly string[]) => names.some((name) => flags.has(name));
  if (has("POWERING_DOWN", "POWER_DOWN")) return "leaving";
  if (has("POWERING_UP", "POWER_UP", "REBOOT_ISSUED")) return "preparing";
  if (has("POWERED_DOWN")) return null;
  if (has("DOWN", "ERROR", "FAIL", "UNKNOWN", "FUTURE", "NOT_RESPONDING", "INVALID", "INVALID_REG", "MAINTENANCE", "MAINT"))
    return "unusable";
  if (has("ALLOCATED", "MIXED", "COMPLETING")) return "running";
  return has("DRAIN", "DRAINED") ? "unusable" : "idle";
}
