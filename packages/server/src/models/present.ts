import { type Model, modelId } from "@switchyard/protocol";
import type { ModelVersionRecord } from "@switchyard/store";

/** A version as people see it. */
export function presentModel(record: ModelVersionRecord): Model {
  const { name, version, description, framework, frameworkVersion, runId, runPath, source, stage, path, files, bytes, createdBy } = record;
  const { resourceConfiguration, datasets, sampleInputDatasetId, sampleOutputDatasetId } = record.details;
  return {
    ...{ id: modelId(name, version), name, version, description, framework, frameworkVersion },
    tags: { ...record.tags },
    properties: { ...record.properties },
    resourceConfiguration: resourceConfiguration ?? null,
    datasets: [...(datasets ?? [])],
    sampleInputDatasetId: sampleInputDatasetId ?? null,
    sampleOutputDatasetId: sampleOutputDatasetId ?? null,
    ...{ runId, experimentName: record.experiment, runPath, source, stage, path, files, bytes, createdBy },
    aliases: [...record.aliases],
    createdUtc: record.createdAt.toISOString(),
    modifiedUtc: record.updatedAt.toISOString(),
  };
}
