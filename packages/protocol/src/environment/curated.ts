import { DEFAULT_CPU_IMAGE, DEFAULT_GPU_IMAGE } from "../runconfig/words.ts";
import { type EnvironmentDefinition, environmentDefinition } from "./definition.ts";

/** The one version that curated environments have: what they hold comes with the product. */
export const CURATED_VERSION = "1";

interface Curated {
  readonly python?: string;
  readonly conda?: readonly string[];
  readonly pip?: readonly string[];
  readonly gpu?: boolean;
}

const SDK = ["azureml-core", "azureml-defaults", "azureml-telemetry"];
const TRAIN = [...SDK, "azureml-train-restclients-hyperdrive", "azureml-train-core"];
const DATA = ["azureml-dataset-runtime[pandas,fuse]"];

function framework(python: string, ...pip: readonly string[]): Curated {
  return { python, pip: [...TRAIN, ...pip] };
}
const onGpu = (curated: Curated): Curated => ({ ...curated, gpu: true });

/** What those of 2021 on held beside their framework. */
const COMMON = ["azureml-mlflow", "matplotlib", "psutil", "tqdm", "pandas", "scipy", "numpy", "ipykernel"];
const later = (python: string, ...pip: readonly string[]): Curated => ({ python, pip: [...SDK, ...COMMON, ...pip] });
const torch = (python: string, version: string, vision: string): Curated =>
  onGpu(later(python, `torch==${version}.*`, `torchvision==${vision}.*`, "tensorboard"));
const serving = (...pip: readonly string[]): Curated => ({ python: "3.7", pip: ["azureml-defaults", "numpy", "pandas", ...pip] });

/** What is in each curated environment, by the names that scripts of the v1 world ask for. */
const CURATED: Readonly<Record<string, Curated>> = {
  "AzureML-Minimal": { pip: ["azureml-core", "azureml-defaults"] },
  "AzureML-Tutorial": { pip: [...TRAIN, ...DATA, "azureml-sdk", "azureml-widgets", "pandas", "scikit-learn", "matplotlib", "tqdm"] },
  "AzureML-Containers": { pip: ["azureml-core", "azureml-defaults"] },
  "AzureML-Scikit-learn-0.20.3": framework("3.6.2", "scikit-learn==0.20.3", "scipy==1.2.1", "joblib==0.13.2"),
  "AzureML-Scikit-learn0.24-Cuda11-OpenMpi4.1.0-py36": onGpu(framework("3.6.2", "scikit-learn==0.24.*")),
  "AzureML-sklearn-0.24.1-ubuntu18.04-py37-cpu-inference": framework("3.7", "scikit-learn==0.24.1", "joblib"),
  "AzureML-sklearn-0.24-ubuntu18.04-py37-cpu": later("3.7", "scikit-learn==0.24.1"),
  "AzureML-sklearn-0.24-ubuntu18.04-py37-cuda11-gpu": onGpu(later("3.7", "scikit-learn==0.24.1")),
  "AzureML-sklearn-1.0-ubuntu20.04-py38-cpu": framework("3.8", "scikit-learn==1.0.*", "pandas", "joblib", "matplotlib"),
  "AzureML-sklearn-1.5": framework("3.10", "scikit-learn==1.5.*", "pandas", "joblib", "matplotlib"),
  "AzureML-PyTorch-1.0-CPU": framework("3.6.2", "torch==1.0.*", "torchvision==0.2.1", "mkl==2018.0.3"),
  "AzureML-PyTorch-1.1-CPU": framework("3.6.2", "torch==1.1.*", "torchvision==0.2.1"),
  "AzureML-PyTorch-1.2-CPU": framework("3.6.2", "torch==1.2.*", "torchvision==0.4.0"),
  "AzureML-PyTorch-1.3-CPU": framework("3.6.2", "torch==1.3.*", "torchvision==0.4.1"),
  "AzureML-PyTorch-1.4-CPU": framework("3.6.2", "torch==1.4.*", "torchvision==0.5.0"),
  "AzureML-PyTorch-1.5-CPU": framework("3.6.2", "torch==1.5.*", "torchvision==0.5.0"),
  "AzureML-PyTorch-1.6-CPU": framework("3.6.2", "torch==1.6.*", "torchvision==0.7.0"),
  "AzureML-pytorch-1.7-ubuntu18.04-py37-cuda11-gpu": torch("3.7", "1.7", "0.8"),
  "AzureML-pytorch-1.8-ubuntu18.04-py37-cuda11-gpu": torch("3.7", "1.8", "0.9"),
  "AzureML-pytorch-1.9-ubuntu18.04-py37-cuda11-gpu": torch("3.7", "1.9", "0.10"),
  "AzureML-pytorch-1.10-ubuntu18.04-py38-cuda11-gpu": torch("3.8", "1.10", "0.11"),
  "AzureML-ACPT-pytorch-1.11-py38-cuda11.3-gpu": torch("3.8", "1.11", "0.12"),
  "AzureML-ACPT-pytorch-1.11-py38-cuda11.5-gpu": torch("3.8", "1.11", "0.12"),
  "AzureML-ACPT-pytorch-1.12-py39-cuda11.6-gpu": torch("3.9", "1.12", "0.13"),
  "AzureML-ACPT-pytorch-1.13-py38-cuda11.7-gpu": torch("3.8", "1.13", "0.14"),
  "AzureML-lightgbm-3.2-ubuntu18.04-py37-cpu": later(
    "3.7",
    "scikit-learn==0.24.*",
    "xgboost==1.4.*",
    "lightgbm==3.2.*",
    "dask==2021.6.*",
    "distributed==2021.6.*",
    "dask-ml==1.9.*",
  ),
  "AzureML-TensorFlow-1.10-CPU": framework("3.6.2", "tensorflow==1.10.*"),
  "AzureML-TensorFlow-1.12-CPU": framework("3.6.2", "tensorflow==1.12.*"),
  "AzureML-TensorFlow-1.13-CPU": framework("3.6.2", "tensorflow==1.13.*"),
  "AzureML-TensorFlow-2.0-CPU": framework("3.6.2", "tensorflow==2.0.*"),
  "AzureML-TensorFlow-2.1-CPU": framework("3.6.2", "tensorflow==2.1.*"),
  "AzureML-TensorFlow-2.2-CPU": framework("3.7", "tensorflow==2.2.*"),
  "AzureML-TensorFlow-2.3-CPU": framework("3.7", "tensorflow==2.3.*"),
  "AzureML-tensorflow-2.4-ubuntu18.04-py37-cuda11-gpu": onGpu(later("3.7", "tensorflow==2.4.*")),
  "AzureML-tensorflow-2.5-ubuntu20.04-py38-cuda11-gpu": onGpu(later("3.8", "tensorflow==2.5.*")),
  "AzureML-tensorflow-2.7-ubuntu20.04-py38-cuda11-gpu": onGpu(later("3.8", "tensorflow==2.7.*")),
  "AzureML-minimal-ubuntu18.04-py37-cpu-inference": serving(),
  "AzureML-onnxruntime-1.6-ubuntu18.04-py37-cpu-inference": serving("onnxruntime==1.6.*"),
  "AzureML-pytorch-1.6-ubuntu18.04-py37-cpu-inference": serving("torch==1.6.*"),
  "AzureML-pytorch-1.7-ubuntu18.04-py37-cpu-inference": serving("torch==1.7.*"),
  "AzureML-tensorflow-1.15-ubuntu18.04-py37-cpu-inference": serving("tensorflow==1.15.*"),
  "AzureML-tensorflow-2.4-ubuntu18.04-py37-cpu-inference": serving("tensorflow==2.4.*"),
  "AzureML-xgboost-0.9-ubuntu18.04-py37-cpu-inference": serving("xgboost==0.9", "scikit-learn==0.23.2"),
  "AzureML-tensorflow-2.16-cuda12": onGpu(framework("3.10", "tensorflow==2.16.*")),
  "AzureML-Chainer-5.1.0-CPU": framework("3.6.2", "chainer==5.1.0", "mpi4py==3.0.0"),
  "AzureML-PySpark-MmlSpark-0.15": { python: "3.6.2", pip: ["azureml-core", "azureml-defaults", "pyspark"] },
};

/** Every framework of a time had a twin for machines with a GPU. */
const ALL: ReadonlyMap<string, Curated> = new Map(
  Object.entries(CURATED).flatMap(([name, curated]): [string, Curated][] => {
    const twin = name.replace(/-CPU$/, "-GPU");
    return twin === name
      ? [[name, curated]]
      : [
          [name, curated],
          [twin, onGpu(curated)],
        ];
  }),
);

/** The names of the environments that every workspace has, in order. */
export const CURATED_NAMES: readonly string[] = [...ALL.keys()].sort();

/** The definition of a curated environment; undefined when the name is none. */
export function curatedEnvironment(name: string): EnvironmentDefinition | undefined {
  const curated = ALL.get(name);
  if (curated === undefined) return undefined;
  const { python, conda = [], pip = [], gpu = false } = curated;
  const dependencies = [python === undefined ? "python" : `python=${python}`, "pip", ...conda, { pip: [...pip] }];
  return environmentDefinition.parse({
    name,
    version: CURATED_VERSION,
    python: {
      userManagedDependencies: false,
      interpreterPath: "python",
      condaDependenciesFile: null,
      condaDependencies: { channels: ["conda-forge"], dependencies, name: "project_environment" },
      baseCondaEnvironment: null,
    },
    docker: {
      enabled: false,
      baseImage: gpu ? DEFAULT_GPU_IMAGE : DEFAULT_CPU_IMAGE,
      baseDockerfile: null,
      sharedVolumes: true,
      shmSize: "2g",
      arguments: [],
      baseImageRegistry: { address: null, username: null, password: null },
    },
    inferencingStackVersion: null,
  });
}

/** The name under which an environment is kept that has a curated one's name and other content, else the name itself. */
export function nameOfEdited(name: string): string {
  return /^(?:azureml|microsoft)/i.test(name) ? `edited-${name}` : name;
}
