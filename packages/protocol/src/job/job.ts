import { z } from "zod";

/** How the interpreter and the packages come about. */
export const jobEnvironment = z.discriminatedUnion("kind", [
  /** The user installed everything; nothing is checked. */
  z.object({ kind: z.literal("user"), interpreter: z.string().min(1) }),
  /** Built once per machine under `name` (a hash of the specification), then reused. */
  z.object({
    kind: z.literal("system"),
    name: z.string().regex(/^azureml_[0-9a-f]{32}$/),
    /** text of the conda file, for micromamba, mamba or conda */
    conda: z.string(),
    /** what pip installs into conda's environment: text of a requirements file */
    afterConda: z.string().optional(),
    /** the same as a pip requirements text, or null when a Python index cannot serve all of it */
    requirements: z.string().nullable(),
    /** what a Python index cannot serve, in words; null when it can */
    whyNotPip: z.string().nullable(),
    /** `3.11` or `3.11.4` or null when any Python will do */
    python: z.string().nullable(),
    /** versions of the vendor's packages that were asked for: their stand-ins have them */
    pins: z.record(z.string(), z.string()).optional(),
    /** false: fail at once when the environment is not built yet */
    mayBuild: z.boolean(),
  }),
]);
export type JobEnvironment = z.infer<typeof jobEnvironment>;

/** The container that the script runs in, by the engine of the machine where the job lies. */
export const jobContainer = z
  .object({
    /** the base image, with its registry; null when there is a Dockerfile */
    image: z.string().min(1).nullable(),
    /** text of the Dockerfile that the base is built from; null when there is an image */
    dockerfile: z.string().min(1).nullable(),
    /** under which name (`azureml/<this>`) the image is kept that is built; null when nothing is built */
    builtAs: z
      .string()
      .regex(/^azureml_[0-9a-f]{32}$/)
      .nullable(),
    /** false: fail at once when that image is not built yet */
    mayBuild: z.boolean(),
    /** `wanted`: say so when there is none; `found`: take what is there */
    gpu: z.enum(["wanted", "found"]),
    /** like `2g`; null leaves it to the engine */
    shmSize: z.string().nullable(),
    /** further words of the command that makes the container */
    arguments: z.array(z.string()),
    /** true: for scripts of people who do not trust each other, so it gets no privilege and may only write what is a script's to write */
    isolated: z.boolean().default(false),
    /** where `image` is pulled from and who asks; the password is the secret REGISTRY_PASSWORD_SECRET of the bundle */
    registry: z.object({ address: z.string().nullable(), username: z.string().nullable() }),
  })
  .refine(
    ({ image, dockerfile }) => (image === null) !== (dockerfile === null),
    "a container needs an image or a Dockerfile, and not both",
  );
export type JobContainer = z.infer<typeof jobContainer>;

/** Name of the secret with the password of the registry; the supervisor uses it, the script does not get it. */
export const REGISTRY_PASSWORD_SECRET = "SWITCHYARD_REGISTRY_PASSWORD";

/** The script is the driver program of a Spark application, which `spark-submit` starts where the job lies. */
export const jobSpark = z.object({
  /** whose Spark starts it: the machine's alone, or that of the environment's package pyspark before the machine's */
  installation: z.enum(["machine", "environment"]),
  configuration: z.record(z.string().regex(/^[^=]+$/), z.string()),
  /** Maven packages, `group:artifact:version` */
  packages: z.array(z.string().min(1)),
  /** where they are looked for, besides the central repository */
  repositories: z.array(z.string().min(1)),
  /** where a person wanted the driver program; it is always here, so this is only told */
  deployMode: z.string(),
});
export type JobSpark = z.infer<typeof jobSpark>;

/** How the processes of one job find each other; `mpi` stands for OpenMpi, IntelMpi and Mpi of a run configuration. */
export const JOB_COMMUNICATORS = ["none", "mpi", "gloo", "nccl", "parameterserver"] as const;
export const jobCommunicator = z.enum(JOB_COMMUNICATORS);
export type JobCommunicator = z.infer<typeof jobCommunicator>;

/**
 * Which processes a job has, on how many nodes. Which nodes these are is no part of the job: a scheduler may give others
 * to the next attempt, so the supervisor learns them when it starts (`PLACEMENT_VARIABLES`).
 */
export const jobProcesses = z.object({
  communicator: jobCommunicator.default("none"),
  nodes: z.int().min(1),
  /** with `parameterserver` the tasks are counted instead, and this is 1 */
  processesPerNode: z.int().min(1),
  /** with `parameterserver` only: the tasks of `TF_CONFIG` */
  tasks: z
    .object({ workers: z.int().min(1), parameterServers: z.int().min(0) })
    .nullable()
    .default(null),
});
export type JobProcesses = z.infer<typeof jobProcesses>;

/**
 * What is told to `supervise run` about the nodes that the job was given: by a driver as variables of its environment, or,
 * for nodes that are the job's own however often it is launched, among the job's variables. With none of
 * them all nodes are this machine, named `node-0`, `node-1`, …
 */
export const PLACEMENT_VARIABLES = {
  /** how a process is started on a node: `fork` (all nodes are this machine) or `srun` (inside a Slurm allocation) */
  kind: "SWITCHYARD_PLACEMENT",
  /** names of the nodes in order, with blanks between them; the first is the supervisor's own. `srun` asks Slurm when absent */
  nodes: "SWITCHYARD_PLACEMENT_NODES",
  /** how the processes reach the nodes, in the same order; when absent: 127.0.0.1 for `fork`, what Slurm says for `srun` */
  addresses: "SWITCHYARD_PLACEMENT_ADDRESSES",
  /** what starts MPI processes: `mpirun`, `srun`, or `srun:<type>` with a type of `srun --mpi=list`; chosen when absent. A run
   *  may say so among its own variables */
  mpi: "SWITCHYARD_PLACEMENT_MPI",
} as const;

/** The number of processes that a job has in all. */
export function countProcesses({ nodes, processesPerNode, tasks }: JobProcesses): number {
  return tasks === null ? nodes * processesPerNode : tasks.workers + tasks.parameterServers;
}

/** The most processes that one node gets: what a scheduler is asked for. */
export function mostProcessesOnANode(processes: JobProcesses): number {
  const { nodes, processesPerNode, tasks } = processes;
  if (tasks === null) return processesPerNode;
  // both kinds of tasks go round the nodes, from the first one on
  return Math.ceil(tasks.workers / nodes) + Math.ceil(tasks.parameterServers / nodes);
}

/** Several processes, or one that wants to be told of itself as if it had companions: each has a log of its own. */
export function isDistributed(processes: JobProcesses): boolean {
  return processes.communicator !== "none" || countProcesses(processes) > 1;
}

/** Something of the job directory that the script gets by its path: an input, or a folder for an output. */
export const jobData = z.object({
  /** `data/<input>`, `data/<input>/<file>` or `dataoutputs/<output>` */
  path: z.string().min(1),
  /** a folder that is made before the script begins */
  make: z.boolean(),
  /** variables that hold the path */
  variables: z.array(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/)),
  /** words that stand for the path wherever the command has them */
  words: z.array(z.string().min(1)),
  /** where else it appears: an absolute path, or one relative to the working directory */
  link: z.string().nullable(),
});
export type JobData = z.infer<typeof jobData>;

/** `.switchyard/job.json`: what one job runs. Holds no secret. */
export const jobFile = z.object({
  version: z.literal(1),
  jobId: z.string().min(1),
  runId: z.string().min(1),
  experimentName: z.string(),
  /** the number of the first attempt that this job may claim */
  firstAttempt: z.int().min(1),
  command: z.discriminatedUnion("kind", [
    z.object({ kind: z.literal("python"), script: z.string().min(1), arguments: z.array(z.string()) }),
    z.object({ kind: z.literal("command"), argv: z.array(z.string()).min(1) }),
  ]),
  environment: jobEnvironment,
  /** null: the script runs on the machine itself */
  container: jobContainer.nullable().default(null),
  /** null: the script is started by its interpreter */
  spark: jobSpark.nullable().default(null),
  /** for the script's process only; the supervisor adds PYTHONPATH and AZUREML_* paths of the attempt */
  variables: z.record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/), z.string()),
  ...jobProcesses.shape,
  limits: z.object({
    /** seconds the script may take, or null */
    maxSeconds: z.number().positive().nullable(),
    /** seconds between TERM and KILL */
    graceSeconds: z.number().min(0),
  }),
  logs: z.object({ build: z.string(), control: z.string(), driver: z.string() }),
  /** what the job has to do with datastores */
  data: z.array(jobData).default([]),
  /** folders below the working directory that come home while they grow */
  watch: z.array(z.string()),
  /** folders below the working directory that are brought home at the end */
  collect: z.array(z.string()),
  successCodes: z.array(z.int()),
});
export type JobFile = z.infer<typeof jobFile>;
