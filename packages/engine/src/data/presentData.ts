import type { JsonValue, RunData } from "@switchyard/protocol";

const WORDS = { direct: "Direct", mount: "Mount", download: "Download" } as const;

/** What a run reads, in the words of run details (spec 05 §3). */
export function inputDatasets({ inputs }: RunData): JsonValue[] {
  return inputs.map(({ name, mode, dataset, datastore, path, files, bytes }) => ({
    dataset: dataset === null ? null : { id: dataset.datasetId, name: dataset.name, version: dataset.version },
    consumptionDetails: { type: dataset === null ? "Reference" : "RunInput", inputName: name, mechanism: WORDS[mode] },
    dataPath: datastore === null ? null : { datastoreName: datastore, relativePath: path },
    files,
    bytes,
  }));
}

/** What a run wrote or will write to datastores. */
export function outputDatasets({ outputs }: RunData): JsonValue[] {
  return outputs.map(({ name, datastore, path, register, result }) => ({
    dataset: result?.datasetId == null ? null : { id: result.datasetId, name: register?.name ?? null, version: result.version },
    outputType: "RunOutput",
    outputDetails: { outputName: name },
    dataPath: { datastoreName: datastore, relativePath: path },
    files: result?.files ?? null,
    bytes: result?.bytes ?? null,
  }));
}
