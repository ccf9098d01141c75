// The acceptance list: public notebooks and scripts of the v1 world, by repository, commit and path. None of them is kept here.

export interface Row {
  readonly id: string;
  readonly commit: string;
  readonly path: string;
  readonly covers: string;
  /** what it needs beside a server; see fixtures.ts */
  readonly fixtures: readonly Fixture[];
  /** the part of docs/roadmap.md with the first feature that the row cannot do without */
  readonly later?: string;
  /** what the row needs and no installation of today has */
  readonly lacks?: string;
  readonly minutes?: number;
  /** The file does not wait for its runs: they have to complete, and to have logged these metrics. */
  readonly leaves?: readonly string[];
}

export type Fixture =
  | "workspace variables"
  | "docker"
  | "ssh host"
  | "spark host"
  | "default cluster"
  | "no config"
  | "az"
  | "package index";

/** Where the rows' files come from. */
export const NOTEBOOKS = "https://github.com/Azure/MachineLearningNotebooks";

const PINS = {
  docQa: "6a145086d8351e572c30a582a4fefdf96a5b23dc",
  "1.0.39": "2d68535de26fd4404784f1fb5e2b4b9a417bbae1",
  peak: "9233ce089afb81d466076e36e7e61c3ce4cfafec",
  "1.0.69": "2e404cfc3a4ebccda9e743edd39bd03732671b9e",
  "1.0.83": "c95f970dc88c69c210bb6aa8ef968ae0bebabfb5",
  "1.9.0": "6c629f1eda513fd6df4f65dc437e28d89cf5fa41",
  "1.37.0": "dd494e9cac8be6a9d098c47c54dd403d826988eb",
  examplesV1: "8a34b52190bc2c039325ecfe20d45faaff55a953",
} as const;

const docQa = (file: string) => `ignore/doc-qa/how-to-set-up-training-targets/${file}`;
const how = (path: string) => `how-to-use-azureml/${path}`;
function row(id: string, pin: keyof typeof PINS, path: string, covers: string, more: Partial<Row> = {}): Row {
  return { id, commit: PINS[pin], path, covers, fixtures: [], ...more };
}

/** Parts of docs/roadmap.md. */
const ROADMAP = {
  pipelines: "Pipelines",
  deployment: "Deployment",
  legacy: "Legacy targets",
  automl: "AutoML",
} as const;

// biome-ignore format: a table
export const ROWS: readonly Row[] = [
  row("A01", "docQa", docQa("Local.py"), "local target, user-managed, log streaming"),
  row("A02", "docQa", docQa("amlcompute2.py"), "persistent cluster, Docker and conda", { fixtures: ["docker"] }),
  row("A03", "docQa", docQa("runconfig.py"), "RunConfiguration and its printed form"),
  row("A04", "1.37.0", "configuration.ipynb", "workspace, write_config, default clusters", { fixtures: ["workspace variables", "no config"] }),
  row("A05", "1.37.0", how("training/train-on-local/train-on-local.ipynb"), "local target three ways, register_model", { fixtures: ["docker"] }),
  row("A06", "1.9.0", how("training/train-within-notebook/train-within-notebook.ipynb"), "interactive run, models, container instance"),
  row("A07", "1.0.39", how("training/train-on-amlcompute/train-on-amlcompute.ipynb"), "default target, cluster status and update", { fixtures: ["docker", "default cluster"] }),
  row("A08", "1.0.39", how("training/train-on-remote-vm/train-on-remote-vm.ipynb"), "SSH target three ways, data reference", { fixtures: ["ssh host", "docker"] }),
  row("A09", "1.0.39", how("training/train-in-spark/train-in-spark.ipynb"), "HDInsight, pyspark", { fixtures: ["spark host"], leaves: ["Regularization Rate", "Accuracy"] }),
  row("A10", "1.9.0", how("training/train-on-computeinstance/train-on-computeinstance.ipynb"), "compute instance, stop, start, restart", { fixtures: ["docker"] }),
  row("A11", "1.37.0", how("training/using-environments/using-environments.ipynb"), "curated environments, register, versions"),
  row("A12", "1.37.0", how("track-and-monitor-experiments/logging-api/logging-api.ipynb"), "every kind of metric, files, tags"),
  row("A13", "1.37.0", how("track-and-monitor-experiments/manage-runs/manage-runs.ipynb"), "status, properties, children, cancel, snapshots"),
  row("A14", "peak", how("training-with-deep-learning/how-to-use-estimator/how-to-use-estimator.ipynb"), "Estimator in many forms, a notebook as script, sweep", { fixtures: ["docker"] }),
  row("A15", "peak", how("ml-frameworks/scikit-learn/training/train-hyperparameter-tune-deploy-with-sklearn/train-hyperparameter-tune-deploy-with-sklearn.ipynb"), "SKLearn estimator, sweep", { fixtures: ["docker"] }),
  row("A16", "1.0.83", how("ml-frameworks/tensorflow/deployment/train-hyperparameter-tune-deploy-with-tensorflow/train-hyperparameter-tune-deploy-with-tensorflow.ipynb"), "TensorFlow estimator, sweep, deploy", { fixtures: ["docker"], lacks: "TensorFlow 1" }),
  row("A17", "1.37.0", how("machine-learning-pipelines/intro-to-pipelines/aml-pipelines-getting-started.ipynb"), "pipeline, reuse", { later: ROADMAP.pipelines }),
  row("A18", "1.37.0", how("machine-learning-pipelines/intro-to-pipelines/aml-pipelines-with-data-dependency-steps.ipynb"), "pipeline data", { later: ROADMAP.pipelines }),
  row("A19", "1.37.0", how("machine-learning-pipelines/intro-to-pipelines/aml-pipelines-publish-and-run-using-rest-endpoint.ipynb"), "published pipeline", { later: ROADMAP.pipelines }),
  row("A20", "1.37.0", how("machine-learning-pipelines/intro-to-pipelines/aml-pipelines-setup-schedule-for-a-published-pipeline.ipynb"), "schedules", { later: ROADMAP.pipelines }),
  row("A21", "1.37.0", how("machine-learning-pipelines/parallel-run/tabular-dataset-inference-iris.ipynb"), "ParallelRunStep", { later: ROADMAP.pipelines }),
  row("A22", "1.37.0", how("machine-learning-pipelines/intro-to-pipelines/aml-pipelines-use-databricks-as-compute-target.ipynb"), "Databricks steps", { later: ROADMAP.legacy }),
  row("A23", "1.37.0", how("deployment/deploy-to-local/register-model-deploy-local.ipynb"), "local web service", { fixtures: ["package index"], later: ROADMAP.deployment }),
  row("A24", "1.0.39", how("deployment/register-model-create-image-deploy-service/register-model-create-image-deploy-service.ipynb"), "image, service", { later: ROADMAP.deployment }),
  row("A25", "1.0.69", how("automated-machine-learning/classification/auto-ml-classification.ipynb"), "automated ML on arrays", { later: ROADMAP.automl }),
  row("A26", "1.37.0", how("automated-machine-learning/classification-credit-card-fraud/auto-ml-classification-credit-card-fraud.ipynb"), "automated ML, remote", { later: ROADMAP.automl }),
  row("A27", "1.37.0", how("work-with-data/datasets-tutorial/train-with-datasets/train-with-datasets.ipynb"), "datasets, mount, lineage"),
  row("A28", "1.37.0", how("track-and-monitor-experiments/using-mlflow/train-local/train-local.ipynb"), "MLflow through the workspace's address"),
  row("A29", "examplesV1", "v1/python-sdk/tutorials/deploy-local/2.deploy-local-cli.ipynb", "az ml commands (of the repository azureml-examples, branch v1-archive)", { fixtures: ["az"] }),
];
