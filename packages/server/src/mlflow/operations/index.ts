import type { MlflowOperation } from "../operation.ts";

/** Every operation of MLflow's REST API that is there; each noun has its file. */
export const mlflowOperations: readonly MlflowOperation[] = [];
