import { z } from "zod";
import { jsonValue } from "../json.ts";
import { instant } from "../run/run.ts";
import { sha256 } from "../snapshot/tree.ts";
import { datasetName, datastoreName } from "./names.ts";

/** Where files of a dataset are: a path on a datastore, which may have wildcards, or an address on the web. */
export const dataSource = z.union([
  z.strictObject({ datastore: datastoreName, path: z.string().max(1024) }),
  z.strictObject({ url: z.url({ protocol: /^https?$/ }).max(4096) }),
]);
export type DataSource = z.infer<typeof dataSource>;

/** How files become rows. */
export const tableFormat = z.discriminatedUnion("format", [
  z.strictObject({
    format: z.literal("delimited"),
    separator: z.string().min(1).max(20).default(","),
    /** which first lines are the names of columns */
    header: z.enum(["allFilesHaveSameHeaders", "onlyFirstFileHasHeaders", "noHeaders", "allFilesHaveDifferentHeaders"]).default("allFilesHaveSameHeaders"), // biome-ignore format: a list of words
    encoding: z.string().max(40).default("utf8"),
    supportMultiLine: z.boolean().default(false),
    emptyAsString: z.boolean().default(false),
    inferColumnTypes: z.boolean().default(true),
  }),
  z.strictObject({ format: z.literal("parquet") }),
  z.strictObject({ format: z.literal("jsonLines"), encoding: z.string().max(40).default("utf8") }),
]);

const columns = z.array(z.string()).max(10_000);
const seed = z.int().nullable().default(null);
/** One transformation; they are applied in order, by whoever reads the dataset. */
export const datasetStep = z.discriminatedUnion("do", [
  z.strictObject({ do: z.literal("take"), count: z.int().min(0) }),
  z.strictObject({ do: z.literal("skip"), count: z.int().min(0) }),
  z.strictObject({ do: z.literal("sample"), probability: z.number().min(0).max(1), seed }),
  /** one part of a random split: `part` 0 has about `percentage` of all, 1 the rest */
  z.strictObject({ do: z.literal("split"), percentage: z.number().min(0).max(1), seed, part: z.union([z.literal(0), z.literal(1)]) }),
  z.strictObject({ do: z.literal("keepColumns"), columns }),
  z.strictObject({ do: z.literal("dropColumns"), columns }),
  z.strictObject({ do: z.literal("columnTypes"), types: z.record(z.string(), jsonValue) }),
  /** a column with the path of each row's file */
  z.strictObject({ do: z.literal("pathColumn"), name: z.string() }),
  /** columns from the names of folders: `/{country}/{day:yyyy/MM/dd}/data.csv` */
  z.strictObject({ do: z.literal("partition"), format: z.string() }),
  z.strictObject({ do: z.literal("timestamps"), fine: z.string().nullable(), coarse: z.string().nullable() }),
  /** rows whose timestamp lies between; null: no bound */
  z.strictObject({
    do: z.literal("time"),
    after: instant.nullable(),
    before: instant.nullable(),
    includeAfter: z.boolean(),
    includeBefore: z.boolean(),
  }),
]);

/** What a dataset is: files by reference, and what is done to them. No bytes are copied into it. */
export const datasetDefinition = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("file"),
    sources: z.array(dataSource).min(1).max(1000),
    steps: z.array(datasetStep).max(200).default([]),
  }),
  z.strictObject({
    kind: z.literal("tabular"),
    sources: z.array(dataSource).min(1).max(1000),
    read: tableFormat,
    steps: z.array(datasetStep).max(200).default([]),
  }),
]);
export type DatasetDefinition = z.infer<typeof datasetDefinition>;

export const DATASET_STATES = ["active", "deprecated", "archived"] as const;
export type DatasetState = (typeof DATASET_STATES)[number];

/** A dataset that has an id, whether or not it is registered. */
export const savedDataset = z.object({ datasetId: z.string(), definition: datasetDefinition, createdUtc: instant });
export type SavedDataset = z.infer<typeof savedDataset>;

/** A version of a dataset under its name. */
export const registeredDataset = savedDataset.extend({
  name: datasetName,
  version: z.int(),
  latestVersion: z.int(),
  description: z.string().nullable(),
  tags: z.record(z.string(), z.string().nullable()),
  /** of the name, with all its versions */
  state: z.enum(DATASET_STATES),
  /** id of the dataset to use in place of a deprecated one */
  deprecatedBy: z.string().nullable(),
  registeredUtc: instant,
});
export type RegisteredDataset = z.infer<typeof registeredDataset>;

/** One file of a dataset: `path` is the name that it has below the folder where the dataset is mounted or downloaded. */
export const datasetFile = z.object({
  path: z.string(),
  size: z.int().nullable(),
  modifiedUtc: instant.nullable(),
  /** null until the server has fetched it */
  sha256: sha256.nullable(),
  source: dataSource,
});
export type DatasetFile = z.infer<typeof datasetFile>;
