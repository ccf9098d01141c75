/** The languages and frameworks a script is started for. */
export const FRAMEWORKS = ["Python", "PySpark", "CNTK", "TensorFlow", "PyTorch"] as const;
export type Framework = (typeof FRAMEWORKS)[number];

/** How the processes of one run find each other. */
export const COMMUNICATORS = ["None", "ParameterServer", "OpenMpi", "IntelMpi", "Mpi", "Nccl", "Gloo"] as const;
export type Communicator = (typeof COMMUNICATORS)[number];

/** Older words that name a framework and a communicator in one (spec 01 §7.15), in lower case. */
export const COMBINED_FRAMEWORKS: Readonly<Record<string, readonly [Framework, Communicator]>> = {
  tensorflowparameterserver: ["TensorFlow", "ParameterServer"],
  pythonmpi: ["Python", "Mpi"],
  pythonintelmpi: ["Python", "IntelMpi"],
  pysparkinteractive: ["PySpark", "None"],
};

/** Targets that are no compute's name but mean something by themselves. */
export const RESERVED_TARGETS = ["local", "amlcompute", "containerinstance"] as const;

/** Base images an installation may map to its own (spec 01 §4); the registry is part of the mapping. */
export const DEFAULT_CPU_IMAGE = "azureml/base:intelmpi2018.3-ubuntu16.04";
export const DEFAULT_GPU_IMAGE = "azureml/base-gpu:intelmpi2018.3-cuda10.0-cudnn7-ubuntu16.04";

/** v1 wrote its default images into configurations with and without the registry that they lay on. */
const DEFAULT_IMAGE = /^(?:mcr\.microsoft\.com\/)?azureml\/(?:base|base-gpu|(?:intelmpi|openmpi)[\w.-]*)(?::[\w.-]+)?$/;

/** Which of the default images of v1 a name means, of any of its years: `azureml/base:…`, `azureml/openmpi3.1.2-cuda10.1-cudnn7-ubuntu18.04`. */
export function defaultImageKind(name: string): "cpu" | "gpu" | null {
  if (!DEFAULT_IMAGE.test(name)) return null;
  return /gpu|cuda/.test(name) ? "gpu" : "cpu";
}
