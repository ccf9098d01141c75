import type { SupportRow } from "./support.ts";

/** How far a part of Azure ML v1 is here. */
export type State = "works" | "differs" | "later" | "never";

/** A part of Azure ML v1 as a person thinks of it. */
export interface Feature {
  readonly title: string;
  readonly state: State;
  /** what differs, or what there is instead */
  readonly note: string;
  /** areas of the table of names that it takes up */
  readonly areas: readonly string[];
  /** beginnings of dotted names that belong to it */
  readonly prefixes: readonly string[];
}

/** Every part, in the order in which a newcomer meets them. */
export const FEATURES: readonly Feature[] = [
  feature("Workspace, experiments and runs", "works", "Subscriptions, groups and places are kept as text: one server is one of each. Signing in takes the token of the server's home; no browser opens", ["runs", "core"], ["azureml.core", "azureml.exceptions", "azureml.widgets", "azureml.mlflow"]),
  feature("Run configurations and environments", "differs", "Read as they are, both layouts. Environments are built where the run is, with conda or a virtual environment; the vendor's packages are replaced by Switchyard's own client", ["configuration"], ["azureml.core.runconfig", "azureml.core.environment", "azureml.core.conda_dependencies"]),
  feature("Compute targets", "differs", "Local, managed cluster, compute instance, remote machine, Slurm and Spark clusters (HDInsight) work. Databricks, Batch, Data Lake Analytics, Data Factory and Kubernetes are known by name and refused", ["compute"], ["azureml.core.compute", "azureml.core.compute_target"]),
  feature("Estimators", "differs", "Become run configurations", [], ["azureml.train.estimator", "azureml.train.dnn", "azureml.train.sklearn"]),
  feature("Datastores and datasets", "differs", "Folders, cloud containers and files of the web; the data-preparation engine of the vendor is not part of it", ["data"], ["azureml.data", "azureml.core.datastore", "azureml.core.dataset"]),
  feature("Models and secrets", "differs", "Registered, found, downloaded, deployed", ["models"], ["azureml.core.model", "azureml.core.keyvault"]),
  feature("MLflow", "works", "The server answers MLflow's REST API; runs logged either way are whole in both", [], ["mlflow"]),
  feature("The command line az ml", "differs", "`switchyard az-shim install` puts an az in front; what is not here is refused by name", [], []),
  feature("Hyperparameter sweeps (HyperDrive)", "works", "`hdconfig.yml` and the classes are read as they are; sweeps over pipelines come with pipelines", ["sweeps"], ["azureml.train.hyperdrive"]),
  feature("Pipelines", "later", "Refused by name", ["pipelines"], ["azureml.pipeline", "azureml.contrib.pipeline"]),
  feature("Web services", "differs", "`Model.deploy` to a local service or a container instance, both processes of the server's machine; images, clusters of services (AKS) and TLS are refused by name", ["services"], ["azureml.core.webservice", "azureml.core.image", "azureml.contrib.services", "azureml.contrib.functions"]),
  feature("Automated machine learning", "later", "Refused by name", ["automl"], ["azureml.train.automl", "azureml.automl"]),
  feature("Spark sessions and linked services", "later", "Refused by name", [], ["azureml.core.linked_service", "azureml.contrib.mmlspark"]),
  feature("Interpretation, fairness, responsible AI", "never", "Use the open libraries interpret, fairlearn and responsibleai directly, and log what they give", ["interpret"], ["azureml.interpret", "azureml.explain", "azureml.contrib.interpret", "azureml.contrib.explain", "azureml.contrib.fairness", "azureml.responsibleai", "raiutils"]),
  feature("Open datasets of the vendor", "never", "Fetch the public files themselves", [], ["azureml.opendatasets"]),
  feature("Data-preparation engine", "never", "Use pandas, or a dataset of files", [], ["azureml.dataprep", "azureml.contrib.dataset"]),
  feature("Reinforcement learning, FPGA", "never", "Gone with the hardware and the service behind them", ["rl"], ["azureml.contrib.train.rl", "azureml.accel", "azureml.contrib.brainwave"]),
]; // biome-ignore format: a row a line

/** What differs of single names, although they are here. */
export const DIFFERENCES: Readonly<Record<string, string>> = {
  "azureml.core.Workspace.create": "the workspace is made on this server; group, place and resources are kept as text",
  "azureml.core.Run.get_portal_url": "leads to this server",
  "azureml.core.authentication.InteractiveLoginAuthentication": "the token of the server's home says who asks; no browser opens",
  "azureml.core.authentication.AzureCliAuthentication": "the token of the server's home says who asks",
  "azureml.core.authentication.ServicePrincipalAuthentication": "the token of the server's home says who asks",
  "azureml.core.authentication.MsiAuthentication": "the token of the server's home says who asks",
  "azureml.core.webservice.AciWebservice": "a process of the server's machine; cores and memory are recorded, not limited",
  "azureml.core.compute.AmlCompute": "nodes are workers on the server's machine, or those of Slurm; a size names cores and memory",
  "azureml.core.compute.HDInsightCompute": "any machine over SSH with Spark; the driver program runs on it, whatever yarn_deploy_mode says",
  "azureml.core.compute.ComputeInstance": "a place on the server's machine, started and stopped by hand",
};

/** Classes of compute whose kind is known and refused. */
export const REFUSED_COMPUTES: readonly string[] = ["AdlaCompute", "AksCompute", "BatchCompute", "DataFactoryCompute", "DatabricksCompute"];

/** The part that a dotted name belongs to: the one with the longest beginning that fits. */
export function featureOf(name: string): Feature | null {
  const fits = (prefix: string) => name === prefix || name.startsWith(`${prefix}.`);
  const longest = (each: Feature) => Math.max(0, ...each.prefixes.filter(fits).map((prefix) => prefix.length));
  const best = FEATURES.reduce<Feature | null>(
    (found, each) => (longest(each) > (found === null ? 0 : longest(found)) ? each : found),
    null,
  );
  return best;
}

/** How many names of an area are here, members counted. */
export function counted(rows: readonly SupportRow[], areas: readonly string[]): { readonly here: number; readonly of: number } {
  let here = 0;
  let of = 0;
  for (const row of rows) {
    if (!areas.includes(row.area)) continue;
    const states = [row.here, ...Object.values(row.members ?? {})];
    of += states.length;
    here += states.filter(Boolean).length;
  }
  return { here, of };
}

function feature(title: string, state: State, note: string, areas: readonly string[], prefixes: readonly string[]): Feature {
  return { title, state, note, areas, prefixes };
}
