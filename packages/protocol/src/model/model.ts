import { z } from "zod";
import { instant } from "../run/run.ts";

const label = z.string().min(1).max(500);
const labels = z.record(label, z.string().max(5000));

/** What a model asks for when it is deployed without an inference configuration. */
export const resourceConfiguration = z.object({
  cpu: z.number().positive().nullable().default(null),
  memoryInGB: z.number().positive().nullable().default(null),
  gpu: z.int().min(0).nullable().default(null),
});
export type ResourceConfiguration = z.infer<typeof resourceConfiguration>;

/** A data set that a model was trained, validated or tried with; `purpose` is `training`, `validation`, `inferencing` or the caller's word. */
export const modelDataset = z.object({ purpose: z.string().min(1).max(200), datasetId: z.string().min(1).max(500) });

/** What people may say of a version. */
export const modelFacts = z.object({
  description: z.string().max(5000),
  tags: labels,
  properties: labels,
  framework: z.string().min(1).max(200),
  frameworkVersion: z.string().min(1).max(200),
  resourceConfiguration,
  datasets: z.array(modelDataset).max(1000),
  sampleInputDatasetId: z.string().max(500),
  sampleOutputDatasetId: z.string().max(500),
});

/** The stages of MLflow's registry. */
export const MODEL_STAGES = ["None", "Staging", "Production", "Archived"] as const;
export type ModelStage = (typeof MODEL_STAGES)[number];

/** One version of a model. */
export const model = z.object({
  /** `name:version` */
  id: z.string(),
  name: z.string(),
  version: z.int(),
  description: z.string().nullable(),
  tags: z.record(z.string(), z.string()),
  /** the first value of each stays */
  properties: z.record(z.string(), z.string()),
  framework: z.string().nullable(),
  frameworkVersion: z.string().nullable(),
  resourceConfiguration: resourceConfiguration.nullable(),
  datasets: z.array(modelDataset),
  sampleInputDatasetId: z.string().nullable(),
  sampleOutputDatasetId: z.string().nullable(),
  /** the run it came from, and where in it */
  runId: z.string().nullable(),
  experimentName: z.string().nullable(),
  runPath: z.string().nullable(),
  /** where its files came from in MLflow's words, when it was registered that way */
  source: z.string().nullable(),
  stage: z.enum(MODEL_STAGES),
  aliases: z.array(z.string()),
  /** the file or folder that its files lie at or below; null while none are here */
  path: z.string().nullable(),
  files: z.int().nullable(),
  bytes: z.int().nullable(),
  createdBy: z.string().nullable(),
  createdUtc: instant,
  modifiedUtc: instant,
});
export type Model = z.infer<typeof model>;

/** A file of a model; `path` begins with the model's `path`. */
export const modelFile = z.object({ path: z.string(), size: z.int(), sha256: z.string() });
export type ModelFile = z.infer<typeof modelFile>;
