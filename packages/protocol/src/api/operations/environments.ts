import { z } from "zod";
import { environmentDefinition } from "../../environment/definition.ts";
import { instant } from "../../run/run.ts";
import { defineOperations } from "../operation.ts";
import { inWorkspace } from "./params.ts";

export const registeredEnvironment = z.object({
  name: z.string(),
  version: z.string(),
  hash: z.string(),
  createdUtc: instant,
  definition: environmentDefinition,
});
export type RegisteredEnvironment = z.infer<typeof registeredEnvironment>;

/** Environments. */
export const environmentsOperations = defineOperations({
  listEnvironments: {
    method: "GET",
    path: "/workspaces/{workspace}/environments",
    tag: "environments",
    access: "user or own run",
    summary: "Latest version of every environment",
    params: inWorkspace,
    response: z.array(registeredEnvironment),
  },
  registerEnvironment: {
    method: "POST",
    path: "/workspaces/{workspace}/environments",
    tag: "environments",
    access: "user or own run",
    idempotent: true,
    summary: "Register a definition; an unchanged one keeps its version",
    params: inWorkspace,
    body: environmentDefinition,
    response: registeredEnvironment,
  },
  getEnvironment: {
    method: "GET",
    path: "/workspaces/{workspace}/environments/{name}",
    tag: "environments",
    access: "user or own run",
    summary: "One version of an environment, the latest by default",
    params: inWorkspace.extend({ name: z.string() }),
    query: z.object({ version: z.string().optional() }),
    response: registeredEnvironment,
  },
  listEnvironmentVersions: {
    method: "GET",
    path: "/workspaces/{workspace}/environments/{name}/versions",
    tag: "environments",
    access: "user",
    summary: "Every version of an environment, newest first",
    params: inWorkspace.extend({ name: z.string() }),
    response: z.array(registeredEnvironment),
  },
});
