import { z } from "zod";
import { jsonObject } from "../json.ts";

/** An environment as `azureml_environment.json` holds it (spec 03 §3). Unknown keys are kept. */
export const environmentDefinition = z.looseObject({
  name: z.string().min(1).max(256),
  version: z.string().nullish(),
  environmentVariables: z.record(z.string(), z.string()).default({}),
  python: z.looseObject({
    userManagedDependencies: z.boolean().default(false),
    interpreterPath: z.string().nullish(),
    condaDependenciesFile: z.string().nullish(),
    /** the conda file's content, inlined by the client */
    condaDependencies: jsonObject.nullish(),
    baseCondaEnvironment: z.string().nullish(),
  }),
  docker: z.looseObject({ enabled: z.boolean().default(false) }).optional(),
  spark: jsonObject.nullish(),
  databricks: jsonObject.nullish(),
  inferencingStackVersion: z.string().nullish(),
});
export type EnvironmentDefinition = z.infer<typeof environmentDefinition>;
