import { count, decimal, text } from "../../flags.ts";

/** The frameworks that Azure ML v1 has names for. */
export const FRAMEWORKS = [
  "TensorFlow", "ScikitLearn", "Onnx", "Custom", "Keras", "PyTorch", "Multi", "Chainer", "CNTK", "MXNet", "SparkML", "TFKeras",
] as const; // biome-ignore format: a list of words

/** What a model asks for, and the data sets that show what it takes and answers. */
export const FACT_FLAGS = {
  description: text({ short: "d", help: "what it is", valueName: "TEXT" }),
  cpuCores: decimal({ aliases: ["cc"], help: "cores that it asks for when it is deployed" }),
  memoryGb: decimal({ long: "memory-gb", aliases: ["gb"], help: "memory in GB that it asks for" }),
  gpuCores: count({ aliases: ["gc"], help: "GPUs that it asks for" }),
  sampleInputDatasetId: text({ help: "data set with samples of what it takes", valueName: "ID" }),
  sampleOutputDatasetId: text({ help: "data set with samples of what it answers", valueName: "ID" }),
};

interface Facts {
  readonly description: string | undefined;
  readonly cpuCores: number | undefined;
  readonly memoryGb: number | undefined;
  readonly gpuCores: number | undefined;
  readonly sampleInputDatasetId: string | undefined;
  readonly sampleOutputDatasetId: string | undefined;
}

/** The part of a request that these options make; what was not given is left out. */
export function factsOf({ description, cpuCores, memoryGb, gpuCores, sampleInputDatasetId, sampleOutputDatasetId }: Facts) {
  const asks = cpuCores !== undefined || memoryGb !== undefined || gpuCores !== undefined;
  return {
    ...(description === undefined ? {} : { description }),
    ...(asks ? { resourceConfiguration: { cpu: cpuCores ?? null, memoryInGB: memoryGb ?? null, gpu: gpuCores ?? null } } : {}),
    ...(sampleInputDatasetId === undefined ? {} : { sampleInputDatasetId }),
    ...(sampleOutputDatasetId === undefined ? {} : { sampleOutputDatasetId }),
  };
}

/** Tags of models have values; a bare one has an empty one. */
export function tagTexts(tags: Readonly<Record<string, string | null>>): Record<string, string> {
  return Object.fromEntries(Object.entries(tags).map(([name, value]) => [name, value ?? ""]));
}
