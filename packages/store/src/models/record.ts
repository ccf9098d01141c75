import type { ModelStage, ResourceConfiguration } from "@switchyard/protocol";
import type { ModelRow, ModelVersionRow } from "../database/schema/models.ts";
import { fromJson } from "../database/text.ts";

/** A model: a name with versions. */
export interface ModelRecord {
  readonly id: string;
  readonly workspace: string;
  readonly name: string;
  readonly description: string | null;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly tags: Readonly<Record<string, string>>;
  /** alias -> version */
  readonly aliases: Readonly<Record<string, number>>;
  /** the newest version of each stage that has any */
  readonly latest: readonly ModelVersionRecord[];
}

/** What a model asks for and was made with. */
export interface ModelDetails {
  readonly resourceConfiguration?: ResourceConfiguration;
  readonly datasets?: readonly { readonly purpose: string; readonly datasetId: string }[];
  readonly sampleInputDatasetId?: string;
  readonly sampleOutputDatasetId?: string;
}

/** One version of a model. */
export interface ModelVersionRecord {
  readonly modelId: string;
  readonly workspace: string;
  readonly name: string;
  readonly version: number;
  readonly description: string | null;
  readonly framework: string | null;
  readonly frameworkVersion: string | null;
  /** the run it came from, its experiment, and where in it its files lie */
  readonly runId: string | null;
  readonly experiment: string | null;
  readonly runPath: string | null;
  /** where it came from, in MLflow's words; null when it was registered in ours */
  readonly source: string | null;
  /** where `source` leads when that names another version */
  readonly location: string | null;
  readonly runLink: string | null;
  readonly loggedModelId: string | null;
  readonly stage: ModelStage;
  /** the file or folder that the files lie at or below; null while none are here */
  readonly path: string | null;
  readonly files: number | null;
  readonly bytes: number | null;
  readonly details: ModelDetails;
  readonly createdBy: string | null;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly tags: Readonly<Record<string, string>>;
  readonly properties: Readonly<Record<string, string>>;
  readonly aliases: readonly string[];
}

/** A file of a version: bytes are the blob's. */
export interface StoredModelFile {
  readonly path: string;
  readonly sha256: string;
  readonly size: number;
}

/** What a version is made from. `path` and `files` are null for one whose files are not here, or not yet. */
export type NewModelVersion = Omit<
  ModelVersionRecord,
  "modelId" | "version" | "files" | "bytes" | "createdAt" | "updatedAt" | "aliases" | "stage"
> & { readonly content: readonly StoredModelFile[] | null };

export function fromVersionRow(row: ModelVersionRow & { name: string }): Omit<ModelVersionRecord, "tags" | "properties" | "aliases"> {
  return {
    modelId: row.model_id,
    workspace: row.workspace,
    name: row.name,
    version: row.version,
    description: row.description,
    framework: row.framework,
    frameworkVersion: row.framework_version,
    runId: row.run_id,
    experiment: row.experiment,
    runPath: row.run_path,
    source: row.source,
    location: row.location,
    runLink: row.run_link,
    loggedModelId: row.logged_model_id,
    stage: row.stage as ModelStage,
    path: row.path,
    files: row.files,
    bytes: row.bytes,
    details: fromJson<ModelDetails>(row.details),
    createdBy: row.created_by,
    createdAt: new Date(row.created_at),
    updatedAt: new Date(row.updated_at),
  };
}

export function fromModelRow(row: ModelRow): Omit<ModelRecord, "tags" | "aliases" | "latest"> {
  return {
    id: row.id,
    workspace: row.workspace,
    name: row.name,
    description: row.description,
    createdAt: new Date(row.created_at),
    updatedAt: new Date(row.updated_at),
  };
}
