import type { JsonObject } from "../json.ts";

/** Which section of the run configuration an input or output stands in. */
export type DataSection = "dataReferences" | "data" | "outputData";

/** What a run reads, as it was when the run was submitted. */
export interface RunInput {
  readonly name: string;
  readonly section: Exclude<DataSection, "outputData">;
  readonly mode: "mount" | "download" | "direct";
  /** the tree of its files, a blob like a folder of a snapshot */
  readonly root: string;
  /** the name of the file below the root, when the input is that one file */
  readonly file: string | null;
  readonly files: number;
  readonly bytes: number;
  /** the variable that people asked for, beside AZUREML_DATAREFERENCE_<name> */
  readonly variable: string | null;
  /** where it appears on the compute, absolute or relative to the working directory; null: where the job has it */
  readonly pathOnCompute: string | null;
  readonly dataset: RunDataset | null;
  /** where it was read from, when it is no dataset */
  readonly datastore: string | null;
  readonly path: string | null;
}

/** The dataset that an input reads. */
export interface RunDataset {
  readonly datasetId: string;
  readonly kind: "file" | "tabular";
  readonly name: string | null;
  readonly version: number | null;
  readonly definition: JsonObject;
}

/** What a run writes to a datastore when it is over. */
export interface RunOutput {
  readonly name: string;
  readonly section: Exclude<DataSection, "data">;
  readonly datastore: string;
  /** the folder on the datastore */
  readonly path: string;
  readonly overwrite: boolean;
  readonly pathOnCompute: string | null;
  readonly register: { readonly name: string; readonly description: string | null; readonly tags: Readonly<Record<string, string>> } | null;
  /** null until it was put there */
  readonly result: RunOutputResult | null;
}

export interface RunOutputResult {
  readonly files: number;
  readonly bytes: number;
  /** how many were left out, since others of their names are there; they stay files of the run */
  readonly skipped: number;
  /** of the dataset that stands for the folder; null when nothing was written */
  readonly datasetId: string | null;
  readonly version: number | null;
}

/** Everything a run has to do with datastores. */
export interface RunData {
  readonly inputs: readonly RunInput[];
  readonly outputs: readonly RunOutput[];
}
export const NO_RUN_DATA: RunData = { inputs: [], outputs: [] };
