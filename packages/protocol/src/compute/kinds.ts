/** What a kind of compute can do: a row of the capability matrix. A text is a condition under which it can. */
export interface TargetCapabilities {
  /** takes runs of a script directly; false: only as a step of a pipeline, or not for training at all */
  readonly submit: boolean;
  readonly docker: boolean;
  readonly systemManagedEnvironments: boolean;
  readonly multiNode: boolean;
  readonly mpi: boolean;
  readonly parameterServer: boolean;
  /** true: it is a Spark cluster, so its own Spark starts the driver program */
  readonly pySpark: boolean | string;
  readonly datasets: boolean;
  readonly gpu: boolean | string;
  readonly hyperparameterTuning: boolean | string;
  readonly automatedMl: boolean | string;
  readonly pipelines: boolean;
  readonly designer: boolean;
  readonly inference: boolean;
}

/** The facts about one kind of compute target. */
export interface ComputeKind {
  /** the word of the Azure ML v1 world for it (`type` of an object, spec 09 §1) */
  readonly word: string;
  /** what a person calls it */
  readonly title: string;
  /** made with `create` and unmade with `delete` */
  readonly creatable: boolean;
  /** made elsewhere: taken with `attach` and let go with `detach` */
  readonly attachable: boolean;
  /** false: this version knows the kind and refuses it by name */
  readonly available: boolean;
  readonly capabilities: TargetCapabilities;
}

const NOTHING: TargetCapabilities = {
  submit: false,
  docker: false,
  systemManagedEnvironments: false,
  multiNode: false,
  mpi: false,
  parameterServer: false,
  pySpark: false,
  datasets: false,
  gpu: false,
  hyperparameterTuning: false,
  automatedMl: false,
  pipelines: false,
  designer: false,
  inference: false,
};
/** One machine that runs scripts. */
const MACHINE: TargetCapabilities = {
  ...NOTHING,
  submit: true,
  // by the engine of the machine itself; where there is none, the run says so
  docker: true,
  systemManagedEnvironments: true,
  pySpark: "where Java is, and Spark or an environment with pyspark",
  // files of the job, whatever carries it
  datasets: true,
  gpu: "where the machine has one",
};
const CLUSTER: TargetCapabilities = {
  ...MACHINE,
  multiNode: true,
  mpi: true,
  parameterServer: true,
  gpu: true,
  hyperparameterTuning: true,
  automatedMl: true,
  pipelines: true,
  designer: true,
};
const PIPELINE_ONLY: TargetCapabilities = { ...NOTHING, pipelines: true };

/**
 * The capability matrix: the 2020-09 edition of spec 00 §B for automated ML, pipelines and designer, the earlier ones for
 * GPU and hyperparameter tuning, which that edition left out.
 */
export const COMPUTE_KINDS = {
  local: {
    word: "Local",
    title: "this machine",
    creatable: false,
    attachable: false,
    available: true,
    // v1 had no sweeps there; ours run one after the other, or as many at once as the machine takes
    capabilities: { ...MACHINE, hyperparameterTuning: "beyond v1", automatedMl: true, inference: true },
  },
  amlcompute: {
    word: "AmlCompute",
    title: "managed cluster",
    creatable: true,
    attachable: false,
    available: true,
    capabilities: { ...CLUSTER, inference: true },
  },
  batchai: { word: "BatchAI", title: "managed cluster (2018)", creatable: true, attachable: false, available: true, capabilities: CLUSTER },
  computeinstance: {
    word: "ComputeInstance",
    title: "compute instance",
    creatable: true,
    attachable: false,
    available: true,
    capabilities: { ...MACHINE, hyperparameterTuning: true, automatedMl: "from the SDK", pipelines: true, inference: true },
  },
  remote: {
    word: "VirtualMachine",
    title: "machine over SSH",
    creatable: false,
    attachable: true,
    available: true,
    capabilities: { ...MACHINE, hyperparameterTuning: true, automatedMl: true, pipelines: true },
  },
  dsvm: {
    word: "DSVM",
    title: "data science virtual machine (2018)",
    creatable: true,
    attachable: true,
    available: false,
    capabilities: { ...MACHINE, gpu: true, hyperparameterTuning: true, automatedMl: true, pipelines: true },
  },
  hdinsight: {
    word: "HDInsight",
    title: "Spark cluster",
    creatable: false,
    attachable: true,
    available: true,
    // its runs are runs of the head node, which is reached as any machine is
    capabilities: { ...PIPELINE_ONLY, submit: true, pySpark: true, systemManagedEnvironments: true, datasets: true },
  },
  databricks: {
    word: "Databricks",
    title: "Databricks workspace",
    creatable: false,
    attachable: true,
    available: false,
    capabilities: { ...PIPELINE_ONLY, automatedMl: "in local mode, from the SDK" },
  },
  adla: {
    word: "DataLakeAnalytics",
    title: "Data Lake Analytics",
    creatable: false,
    attachable: true,
    available: false,
    capabilities: PIPELINE_ONLY,
  },
  batch: { word: "Batch", title: "cloud batch service", creatable: false, attachable: true, available: false, capabilities: PIPELINE_ONLY },
  datafactory: {
    word: "DataFactory",
    title: "data factory",
    creatable: true,
    attachable: true,
    available: false,
    capabilities: PIPELINE_ONLY,
  },
  aks: {
    word: "AKS",
    title: "Kubernetes for web services",
    creatable: true,
    attachable: true,
    available: false,
    capabilities: { ...NOTHING, inference: true },
  },
  kubernetes: { word: "Kubernetes", title: "Kubernetes", creatable: false, attachable: true, available: false, capabilities: CLUSTER },
  containerinstance: {
    word: "ContainerInstance",
    title: "container made for one run",
    creatable: false,
    attachable: false,
    available: false,
    capabilities: { ...NOTHING, submit: true, docker: true, systemManagedEnvironments: true, inference: true },
  },
} as const satisfies Readonly<Record<string, ComputeKind>>;

export type ComputeKindName = keyof typeof COMPUTE_KINDS;
export const COMPUTE_KIND_NAMES = Object.keys(COMPUTE_KINDS) as readonly ComputeKindName[];

/** The facts of a kind, by the key of the matrix. */
export const computeKind = (name: ComputeKindName): ComputeKind => COMPUTE_KINDS[name];
