import {
  countProcesses,
  Forbidden,
  isDistributed,
  JobRejected,
  processesOf,
  type RunConfiguration,
  usesDocker,
} from "@switchyard/protocol";
import { containerArgumentsOf } from "../bundle/container.ts";
import { wantsSpark } from "../bundle/spark.ts";
import { type ClusterLimits, DEFAULT_LIMITS, requireLifetime, requireRoom } from "../clusters/limits.ts";
import type { Target } from "../targets.ts";
import { refuseSpark } from "./spark.ts";

/** Refuses by name what the target cannot do: a feature that is asked for is never left out silently. */
export function refuseUnsupported(configuration: RunConfiguration, target: Target, limits: ClusterLimits = DEFAULT_LIMITS): void {
  const { capabilities } = target;
  if (!capabilities.submit) refuse(target, "runs of a script", "use it in a step of a pipeline, or choose another target");
  const inContainer = usesDocker(configuration);
  if (inContainer && !capabilities.docker) refuse(target, "Docker", "set docker.useDocker and environment.docker.enabled to false");
  if (configuration.nodeCount > 1 && !capabilities.multiNode) {
    refuse(target, `several nodes (nodeCount is ${configuration.nodeCount})`, "set nodeCount to 1");
  }
  refuseWordsForContainers(configuration, target);
  if (target.room !== undefined) {
    requireRoom({ ...target, ...target.room }, configuration.nodeCount, limits);
    requireLifetime(configuration, target.room.vmPriority, limits);
  }
  if (configuration.nodeCount > target.maxNodes) {
    const what = `${configuration.nodeCount} nodes: it has at most ${target.maxNodes}, so the run could never start`;
    refuse(target, what, `set nodeCount to ${target.maxNodes} or fewer, or raise the target's maxNodes`);
  }
  refuseProcesses(configuration, target);
  if (wantsSpark(configuration) && !capabilities.pySpark && !inContainer)
    refuse(target, `the framework ${configuration.framework}`, "set framework to Python");
  refuseSpark(configuration, target);
  for (const section of ["data", "dataReferences", "outputData"] as const) {
    const names = Object.keys(configuration[section] ?? {});
    if (names.length > 0 && !capabilities.datasets) refuse(target, `the section ${section} (${names.join(", ")})`, `remove ${section}`);
  }
}

/** With words of their own people could let a container out of its bounds. */
function refuseWordsForContainers(configuration: RunConfiguration, target: Target): void {
  if (target.isolation === undefined) return;
  const words = containerArgumentsOf(configuration);
  if (words.length === 0) return;
  refuse(target, `container arguments (docker.arguments: ${words.join(" ")}), since it keeps runs apart`, "remove them");
}

/** Several processes, or a communicator for them, are for managed clusters; elsewhere a run is one process on one node. */
function refuseProcesses(configuration: RunConfiguration, target: Target): void {
  const { capabilities } = target;
  const processes = processesOf(configuration);
  if (!isDistributed(processes)) return;
  const able = { none: capabilities.multiNode, gloo: capabilities.multiNode, nccl: capabilities.multiNode };
  const { mpi, parameterServer } = capabilities;
  if ({ ...able, mpi, parameterserver: parameterServer }[processes.communicator]) return;
  const count = countProcesses(processes);
  const what = `the communicator ${configuration.communicator}${count > 1 ? ` (${count} processes)` : ""}`;
  refuse(target, what, "set communicator to None, which starts one process, or choose a managed cluster");
}

/** Refuses runs on a target that could not be made, or is being taken away: they would wait for ever. */
export function refuseFailed({ name, failedBecause }: Target): void {
  if (failedBecause === undefined) return;
  throw new JobRejected(`${failedBecause} No run can begin there: make or attach it anew, or choose another target.`, {
    details: { target: name },
  });
}

/** Refuses runs of people whom the target does not serve. */
export function refuseOthers({ name, type, onlyFor, onlyForBecause, madeFor }: Target, submittedBy: string | null): void {
  if (madeFor !== undefined) {
    throw new JobRejected(
      `"${name}" was made for run ${madeFor} and goes with it. Create a cluster of your own, or set amlCompute.retainCluster for that run.`,
    );
  }
  if (onlyFor === null || submittedBy === null || onlyFor === submittedBy) return;
  const because = onlyForBecause === undefined ? "" : ` ${onlyForBecause}`;
  const message = `Target "${name}" (${type}) serves ${onlyFor} alone, and you are ${submittedBy}.${because} Create a target of your own.`;
  throw new Forbidden(message, { details: { target: name, onlyFor } });
}

function refuse(target: Target, feature: string, advice: string): never {
  throw new JobRejected(`Target "${target.name}" (${target.type}) does not support ${feature}. For a run there, ${advice}.`, {
    details: { feature, target: target.name },
  });
}
