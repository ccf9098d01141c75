import type { Kysely } from "kysely";
import type { DatabaseKind } from "../database/columnTypes.ts";
import * as first from "./0001-first.ts";
import * as computes from "./0002-computes.ts";
import * as leftJobs from "./0003-left-jobs.ts";
import * as runSecrets from "./0004-run-secrets.ts";
import * as nodes from "./0005-nodes.ts";
import * as data from "./0006-data.ts";
import * as models from "./0007-models-and-secrets.ts";
import * as mlflow from "./0008-mlflow.ts";
import * as workspaceDetails from "./0009-workspace-details.ts";
import * as services from "./0010-services.ts";
import * as sweeps from "./0011-sweeps.ts";
import * as cleanRuns from "./0013-clean-runs.ts";

/** One step of the schema. Once released it is never edited: what changes later is a new step. */
export interface Migration {
  up(db: Kysely<unknown>, kind: DatabaseKind): Promise<void>;
}

/** Every step, in order. */
export const MIGRATIONS: Readonly<Record<string, Migration>> = {
  "0001-first": first,
  "0002-computes": computes,
  "0003-left-jobs": leftJobs,
  "0004-run-secrets": runSecrets,
  "0005-nodes": nodes,
  "0006-data": data,
  "0007-models-and-secrets": models,
  "0008-mlflow": mlflow,
  "0009-workspace-details": workspaceDetails,
  "0010-services": services,
  "0011-sweeps": sweeps,
  "0013-clean-runs": cleanRuns,
};
