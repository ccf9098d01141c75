import { key, laterKey, list, record, section } from "../reading/collections.ts";
import { count, flag, number, text, variable, word } from "../reading/field.ts";

/** What of a run is kept. */
export const historySection = section({
  outputCollection: key(flag(true), "bring status, logs, metrics and outputs home"),
  snapshotProject: key(flag(true), "keep a snapshot of the code with the run"),
  directoriesToWatch: key(list(text(""), ["logs"]), "folders whose files come home while the run goes on"),
  enableMLflowTracking: laterKey(flag(true), "set up MLflow's variables for the script"),
});

export const sparkSection = section({
  configuration: key(
    record(variable(), { "spark.app.name": "Azure ML Experiment", "spark.yarn.maxAppAttempts": "1" }),
    "settings of the Spark session",
  ),
});

export const hdiSection = section({
  yarnDeployMode: key(word(["cluster", "client", "None"], "cluster"), "cluster or client"),
});

export const tensorflowSection = section({
  workerCount: key(count(1), "worker tasks"),
  parameterServerCount: key(count(1, 0), "parameter server tasks"),
});

export const mpiSection = section({ processCountPerNode: key(count(1), "processes on each node") });

export const pyTorchSection = section({
  communicationBackend: key(word(["nccl", "gloo", "mpi"], "nccl"), "how the processes talk"),
  processCount: key(count(null), "processes in all; empty: one per node"),
});

export const parallelTaskSection = section({
  maxRetriesPerWorker: key(count(0, 0), "how often a worker is started again"),
  workerCountPerNode: key(count(1), "workers on each node"),
  terminalExitCodes: key(list(number(0, { whole: true })), "exit codes that end the whole task"),
  configuration: key(record(variable()), "settings of the task"),
});

/** Cluster that is made for one run; its keys count only when target is `amlcompute`. */
export const amlComputeSection = section({
  vmSize: key(text(null), "size of the machines"),
  vmPriority: key(word(["dedicated", "lowpriority"], null), "dedicated or lowpriority"),
  retainCluster: key(flag(false), "keep the cluster after the run"),
  name: key(text(null), "name of the cluster; empty: the run's id"),
  clusterMaxNodeCount: key(count(1 as number | null), "most nodes; the fewest are always 0"),
});

export const containerInstanceSection = section({
  region: key(text(null), "region; empty: the workspace's"),
  cpuCores: key(number(2, { min: 0.1 }), "processor cores of the container"),
  memoryGb: key(number(3.5, { min: 0.1 }), "memory of the container in GB"),
});

export const batchAiSection = section({ nodeCount: key(count(null), "nodes, as older files give them") });

export const returnCodeSection = section({
  returnCode: key(word(["Zero", "ZeroOrGreater"], "Zero"), "which exit codes are a success"),
  successfulReturnCodes: key(list(number(0, { whole: true })), "further exit codes that are a success"),
});

/** A preempted run always goes on with another attempt; one whose machine is lost does where this says so. */
export const restartSection = section({
  onLoss: key(flag(false), "true: start the run again when its job is lost, although it may still run somewhere"),
  elsewhere: key(list(text("")), "targets to go on at, in turn, when its job is lost; says onLoss as well"),
  maxAttempts: key(count(null), "the most attempts in all; empty: 100"),
});
