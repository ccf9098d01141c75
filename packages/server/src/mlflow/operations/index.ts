import type { MlflowOperation } from "../operation.ts";
import { artifactOperations } from "./artifacts.ts";
import { experimentOperations } from "./experiments.ts";
import { inputOperations } from "./inputs.ts";
import { loggedModelOperations } from "./loggedModels.ts";
import { loggingOperations } from "./logging.ts";
import { metricOperations } from "./metrics.ts";
import { modelVersionOperations } from "./modelVersions.ts";
import { registeredModelOperations } from "./registeredModels.ts";
import { runOperations } from "./runs.ts";

/** Every operation of MLflow's REST API that is there; each noun has its file. */
export const mlflowOperations: readonly MlflowOperation[] = [
  ...experimentOperations,
  ...runOperations,
  ...loggingOperations,
  ...metricOperations,
  ...inputOperations,
  ...artifactOperations,
  ...loggedModelOperations,
  ...registeredModelOperations,
  ...modelVersionOperations,
];
