import { createHash } from "node:crypto";
import {
  AlreadyExists,
  BadRequest,
  COMPUTE_KINDS,
  DEFAULT_VM_SIZE,
  normaliseRunConfiguration,
  type RunConfiguration,
  type VmPriority,
  vmSizeProblem,
} from "@switchyard/protocol";
import type { RunRecord } from "@switchyard/store";
import type { EngineContext } from "../context.ts";
import type { Target } from "../targets.ts";

/** A cluster that is made for one run (F93 to F97). */
export interface RunCluster {
  readonly name: string;
  readonly runId: string;
  /** it stays after the run, as any other cluster */
  readonly retain: boolean;
  readonly vmSize: string;
  readonly vmPriority: VmPriority;
  readonly maxNodes: number;
}

/** Whether a run configuration asks for a cluster of the run's own. Runs that have runs below them cannot have one (F97). */
export const isRunBased = ({ target }: Pick<RunConfiguration, "target">): boolean => target.toLowerCase() === "amlcompute";

/** The cluster that a run asks for; null for one that goes to a target which is there. */
export function clusterOfRun({ id, target, definition }: Pick<RunRecord, "id" | "target" | "definition">): RunCluster | null {
  const configuration = normaliseRunConfiguration(definition);
  return isRunBased(configuration) ? { ...wishedCluster(configuration, id), name: target } : null;
}

/** The cluster that a configuration asks for, by a name that only this run can have unless it says one. */
export function wishedCluster(configuration: RunConfiguration, runId: string): RunCluster {
  const { name, vmSize, vmPriority, retainCluster, clusterMaxNodeCount } = configuration.amlCompute;
  return {
    name: name ?? `run-${createHash("sha256").update(runId).digest("hex").slice(0, 16)}`,
    runId,
    retain: retainCluster,
    vmSize: vmSize ?? DEFAULT_VM_SIZE,
    vmPriority: vmPriority === "lowpriority" ? "lowpriority" : "dedicated",
    // 1 is what a configuration has that says nothing: the run itself must always fit (F96)
    maxNodes: Math.max(clusterMaxNodeCount ?? 1, configuration.nodeCount),
  };
}

/** The target that such a cluster will be. Refuses what could never be made. */
export function targetToBe({ targets }: EngineContext, workspace: string, cluster: RunCluster): Target {
  const problem = vmSizeProblem(cluster.vmSize);
  if (problem !== null) throw new BadRequest(`${problem} (amlCompute.vmSize)`);
  if (targets.get(workspace, cluster.name) !== undefined) {
    throw new AlreadyExists(
      `There is a compute target "${cluster.name}" already, so no cluster of that name can be made for the run. Set target to "${cluster.name}" to use it, or choose another amlCompute.name.`,
    );
  }
  return {
    name: cluster.name,
    type: "amlcompute",
    driver: "",
    capabilities: COMPUTE_KINDS.amlcompute.capabilities,
    maxConcurrentRuns: 1,
    maxNodes: cluster.maxNodes,
    onlyFor: null,
    room: { vmSize: cluster.vmSize, vmPriority: cluster.vmPriority },
    closedBecause: null,
    vacates: false,
  };
}

/** Makes the cluster of a run that has yet to begin; done again it does no harm. Answers whether there was one to make. */
export async function makeClusterOf(context: EngineContext, run: RunRecord): Promise<boolean> {
  const cluster = clusterOfRun(run);
  if (cluster === null || context.makeCluster === null || run.state !== "queued" || run.launches > 0) return false;
  await context.makeCluster(run.workspace, cluster, run.submittedBy);
  return true;
}
