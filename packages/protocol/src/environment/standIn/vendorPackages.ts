/** What is known of one of the vendor's packages. */
export interface VendorPackage {
  /** the newest version that was published: what a stand-in has when nobody asks for another one */
  readonly latest: string;
  /** public packages that scripts count on when they install it */
  readonly brings?: readonly string[];
  /** the same for each of its extras */
  readonly extras?: Readonly<Record<string, readonly string[]>>;
}

const V1 = "1.62.0";
const PANDAS = { pandas: ["pandas", "numpy"], fuse: [], parquet: ["pyarrow"], scipy: ["scipy"] } as const;

/**
 * The vendor's distributions, by their names on the public index. Scripts of the v1 world ask for them, and so do packages of
 * other people: each is answered by a stand-in, and none is fetched. A name that begins with `azureml-` and is missing here
 * is still no package of a public index to us: it is taken out of every list, and an environment that got it anyway is refused.
 */
export const VENDOR_PACKAGES: Readonly<Record<string, VendorPackage>> = {
  azureml: { latest: "0.2.7" },
  "azureml-accel-models": { latest: V1 },
  "azureml-acft-accelerator": { latest: "0.0.91" },
  "azureml-acft-common-components": { latest: "0.0.91" },
  "azureml-acft-contrib-hf-diffusion": { latest: "0.0.91" },
  "azureml-acft-contrib-hf-nlp": { latest: "0.0.91" },
  "azureml-acft-image-components": { latest: "0.0.91" },
  "azureml-acft-multimodal-components": { latest: "0.0.91" },
  "azureml-ai-monitoring": { latest: "1.0.0" },
  "azureml-assets": { latest: "1.17.8" },
  "azureml-automl-common-tools": { latest: V1 },
  "azureml-automl-core": { latest: "1.62.0.post3" },
  "azureml-automl-dnn-nlp": { latest: V1 },
  "azureml-automl-dnn-vision": { latest: "1.62.0.post1" },
  "azureml-automl-runtime": { latest: "1.62.0.post1" },
  "azureml-cli-common": { latest: V1 },
  "azureml-contrib-aisc": { latest: V1 },
  "azureml-contrib-automl-dnn-forecasting": { latest: V1 },
  "azureml-contrib-automl-dnn-vision": { latest: "1.32.0" },
  "azureml-contrib-automl-pipeline-steps": { latest: V1 },
  "azureml-contrib-brainwave": { latest: "1.0.33" },
  "azureml-contrib-datadrift": { latest: "1.0.85" },
  "azureml-contrib-dataset": { latest: V1 },
  "azureml-contrib-explain-model": { latest: "1.0.65" },
  "azureml-contrib-fairness": { latest: V1 },
  "azureml-contrib-functions": { latest: V1 },
  "azureml-contrib-gbdt": { latest: "1.29.0" },
  "azureml-contrib-interpret": { latest: "1.23.0" },
  "azureml-contrib-iot": { latest: V1 },
  "azureml-contrib-itp": { latest: "0.0.1" },
  "azureml-contrib-k8s": { latest: "0.0.1" },
  "azureml-contrib-mir": { latest: V1 },
  "azureml-contrib-notebook": { latest: V1, brings: ["nbclient", "ipykernel"] },
  "azureml-contrib-opendatasets": { latest: "1.0.45" },
  "azureml-contrib-pipeline-steps": { latest: V1 },
  "azureml-contrib-reinforcementlearning": { latest: V1 },
  "azureml-contrib-run": { latest: V1 },
  "azureml-contrib-server": { latest: V1 },
  "azureml-contrib-services": { latest: V1 },
  "azureml-contrib-tensorboard": { latest: "1.0.17", brings: ["tensorboard"] },
  "azureml-contrib-train-rl": { latest: V1 },
  "azureml-core": { latest: V1 },
  "azureml-datacollector": { latest: "0.1.0a13" },
  "azureml-datadrift": { latest: V1 },
  "azureml-dataprep": { latest: "5.5.0", extras: PANDAS },
  "azureml-dataprep-native": { latest: "43.0.0" },
  "azureml-dataprep-rslex": { latest: "2.26.1" },
  "azureml-dataset-runtime": { latest: "1.62.0.post1", brings: ["numpy"], extras: PANDAS },
  "azureml-defaults": { latest: V1 },
  "azureml-designer-classic-modules": { latest: "0.0.196" },
  "azureml-designer-core": { latest: "0.0.87" },
  "azureml-designer-cv-modules": { latest: "0.0.72" },
  "azureml-designer-dataio-modules": { latest: "0.0.88" },
  "azureml-designer-datatransform-modules": { latest: "0.0.103" },
  "azureml-designer-internal": { latest: "0.0.78" },
  "azureml-designer-model-tools": { latest: "0.0.2" },
  "azureml-designer-pytorch-modules": { latest: "0.0.80" },
  "azureml-designer-recommender-modules": { latest: "0.0.76" },
  "azureml-designer-score-modules": { latest: "0.0.16" },
  "azureml-designer-serving": { latest: "0.0.19" },
  "azureml-designer-vowpal-wabbit-modules": { latest: "0.0.63" },
  "azureml-evaluate-mlflow": { latest: "0.0.91" },
  "azureml-explain-model": { latest: V1 },
  "azureml-featurestore": { latest: "1.2.2" },
  "azureml-fsspec": { latest: "1.4.0" },
  "azureml-inference-server-http": { latest: "1.5.1" },
  "azureml-infra-tools": { latest: "0.1.1" },
  "azureml-interpret": { latest: V1 },
  "azureml-k8s-mt": { latest: "0.0.1" },
  "azureml-metrics": { latest: "0.0.91" },
  "azureml-mlflow": { latest: "1.62.0.post6", brings: ["mlflow-skinny"] },
  "azureml-model-management-sdk": { latest: "1.0.1b6.post1" },
  "azureml-monitoring": { latest: "0.1.0a21" },
  "azureml-ngc-tools": { latest: "1.5.1" },
  "azureml-opendatasets": { latest: V1, brings: ["pandas", "numpy"] },
  "azureml-pipeline": { latest: V1 },
  "azureml-pipeline-core": { latest: V1 },
  "azureml-pipeline-steps": { latest: V1 },
  "azureml-pipeline-wrapper": { latest: "0.9.18.post2" },
  "azureml-rag": { latest: "0.2.39.2" },
  "azureml-rai-utils": { latest: "0.0.7" },
  "azureml-registry-tools": { latest: "0.1.0a69" },
  "azureml-responsibleai": { latest: V1 },
  "azureml-sdk": {
    latest: V1,
    extras: { automl: [], explain: [], notebooks: [], databricks: [], interpret: [], tensorboard: [], contrib: [] },
  },
  "azureml-serving": { latest: "0.1.0a14" },
  "azureml-synapse": { latest: V1 },
  "azureml-telemetry": { latest: V1 },
  "azureml-tensorboard": { latest: V1, brings: ["tensorboard"] },
  "azureml-train": { latest: V1 },
  "azureml-train-automl": { latest: V1 },
  "azureml-train-automl-client": { latest: V1 },
  "azureml-train-automl-runtime": { latest: V1 },
  "azureml-train-core": { latest: V1 },
  "azureml-train-restclients-hyperdrive": { latest: V1 },
  "azureml-train-widgets": { latest: "0.1.74" },
  "azureml-training-tabular": { latest: "1.62.0.post1" },
  "azureml-webservice-schema": { latest: "1.0.33" },
  "azureml-widgets": { latest: V1 },
};

/** A package's name as indexes compare it. */
export function normalPackageName(name: string): string {
  return name.toLowerCase().replace(/[-_.]+/g, "-");
}

/** Names of the vendor's packages are served by Switchyard's own client and never fetched. */
export function isVendorPackage(name: string): boolean {
  const normal = normalPackageName(name);
  return normal === "azureml" || normal.startsWith("azureml-");
}

/** The public packages that come with a package of the vendor when it is asked for with these extras. */
export function broughtBy(name: string, extras: readonly string[]): readonly string[] {
  const known = VENDOR_PACKAGES[normalPackageName(name)];
  const ofExtras = extras.flatMap((extra) => known?.extras?.[extra.toLowerCase()] ?? []);
  return [...new Set([...(known?.brings ?? []), ...ofExtras])];
}
