/** What a kind of compute target can do, in words short enough for a heading or a cell. */
export const CAPABILITY_WORDS: Readonly<Record<string, string>> = {
  submit: "submit",
  docker: "docker",
  systemManagedEnvironments: "conda",
  multiNode: "nodes",
  mpi: "mpi",
  parameterServer: "ps",
  pySpark: "spark",
  datasets: "data",
  gpu: "gpu",
  hyperparameterTuning: "tuning",
  automatedMl: "automl",
  pipelines: "pipelines",
  designer: "designer",
  inference: "inference",
};
