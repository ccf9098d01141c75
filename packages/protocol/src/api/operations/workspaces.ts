import { z } from "zod";
import { experimentName, workspaceName } from "../../run/names.ts";
import { instant } from "../../run/run.ts";
import { defineOperations } from "../operation.ts";
import { pageOf, pageQuery } from "../page.ts";
import { inWorkspace } from "./params.ts";

export const workspace = z.object({
  name: workspaceName,
  workspaceId: z.string(),
  subscriptionId: z.string(),
  resourceGroup: z.string(),
  createdUtc: instant,
});
export const experiment = z.object({ name: experimentName, experimentId: z.string(), createdUtc: instant, runs: z.int() });
export type Workspace = z.infer<typeof workspace>;
export type Experiment = z.infer<typeof experiment>;

/** Workspaces and experiments. */
export const workspacesOperations = defineOperations({
  listWorkspaces: {
    method: "GET",
    path: "/workspaces",
    tag: "workspaces",
    access: "user",
    summary: "List workspaces",
    response: z.array(workspace),
  },
  createWorkspace: {
    method: "POST",
    path: "/workspaces",
    tag: "workspaces",
    access: "user",
    idempotent: true,
    summary: "Create a workspace",
    body: z.object({ name: workspaceName, existOk: z.boolean().default(false) }),
    response: workspace,
  },
  getWorkspace: {
    method: "GET",
    path: "/workspaces/{workspace}",
    tag: "workspaces",
    access: "user or own run",
    summary: "One workspace",
    params: inWorkspace,
    response: workspace,
  },
  listExperiments: {
    method: "GET",
    path: "/workspaces/{workspace}/experiments",
    tag: "experiments",
    access: "user",
    summary: "List experiments by name",
    params: inWorkspace,
    query: pageQuery,
    response: pageOf(experiment),
  },
  createExperiment: {
    method: "POST",
    path: "/workspaces/{workspace}/experiments",
    tag: "experiments",
    access: "user",
    idempotent: true,
    summary: "Create an experiment, or open it if it exists",
    params: inWorkspace,
    body: z.object({ name: experimentName }),
    response: experiment,
  },
  getExperiment: {
    method: "GET",
    path: "/workspaces/{workspace}/experiments/{experiment}",
    tag: "experiments",
    access: "user or own run",
    summary: "One experiment",
    params: inWorkspace.extend({ experiment: z.string() }),
    response: experiment,
  },
});
