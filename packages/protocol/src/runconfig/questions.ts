import type { JobCommunicator, JobProcesses } from "../job/job.ts";
import type { RunConfiguration } from "./schema.ts";

/** Does the run ask for a container? Older files say so in the environment, later ones in a section of its own. */
export function usesDocker(configuration: RunConfiguration): boolean {
  return configuration.docker.useDocker || configuration.environment.docker.enabled;
}

/** Variables for the script's process: those of the run over those of its environment (spec 03 §7). */
export function environmentVariablesOf(configuration: RunConfiguration): Readonly<Record<string, string>> {
  return { ...configuration.environment.environmentVariables, ...configuration.environmentVariables };
}

/** Exit codes that count as success. */
export function successCodesOf({ commandReturnCodeConfig }: RunConfiguration): readonly number[] {
  const { returnCode, successfulReturnCodes } = commandReturnCodeConfig;
  const base = returnCode === "Zero" ? [0] : Array.from({ length: 256 }, (_, code) => code);
  return [...new Set([...base, ...successfulReturnCodes])];
}

/** How the processes find each other. */
export function communicatorOf({ communicator }: RunConfiguration): JobCommunicator {
  switch (communicator) {
    case "None":
      return "none";
    case "Nccl":
      return "nccl";
    case "Gloo":
      return "gloo";
    case "ParameterServer":
      return "parameterserver";
    default:
      return "mpi";
  }
}

/** Which processes a run has (spec 01 §8); sections that the communicator gives no effect are not asked. */
export function processesOf(configuration: RunConfiguration): JobProcesses {
  const communicator = communicatorOf(configuration);
  const nodes = configuration.nodeCount;
  const { mpi, pyTorch, tensorflow } = configuration;
  switch (communicator) {
    case "none":
      return { communicator, nodes, processesPerNode: 1, tasks: null };
    case "mpi":
      return { communicator, nodes, processesPerNode: mpi.processCountPerNode, tasks: null };
    case "parameterserver":
      return {
        communicator,
        nodes,
        processesPerNode: 1,
        tasks: { workers: tensorflow.workerCount, parameterServers: tensorflow.parameterServerCount },
      };
    default:
      // a count that the nodes cannot share evenly is refused before (`checkProcesses`)
      return { communicator, nodes, processesPerNode: Math.max(1, Math.floor((pyTorch.processCount ?? nodes) / nodes)), tasks: null };
  }
}
