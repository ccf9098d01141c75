import { z } from "zod";
import { workspaceName } from "../../run/names.ts";
import { instant } from "../../run/run.ts";
import { defineOperations } from "../operation.ts";
import { inWorkspace } from "./params.ts";

/** What people say of a workspace. */
export const workspaceDetails = z.object({
  friendlyName: z.string().max(256).nullable(),
  description: z.string().max(5000).nullable(),
  location: z.string().max(100).nullable(),
  sku: z.string().max(100),
  imageBuildCompute: z.string().max(100).nullable().describe("kept for clients of Azure ML v1: images are built where a run is"),
  tags: z.record(z.string().min(1).max(100), z.string().max(1000)),
});
export type WorkspaceDetails = z.infer<typeof workspaceDetails>;

/** Names of the clusters that clients of v1 make and use when they ask for a default one: a setting of the server. */
export const defaultClusters = z.object({ cpu: z.string(), gpu: z.string() });
export type DefaultClusters = z.infer<typeof defaultClusters>;

export const workspace = z
  .object({
    name: workspaceName,
    workspaceId: z.string(),
    subscriptionId: z.string(),
    resourceGroup: z.string(),
    createdUtc: instant,
    defaultClusters,
  })
  .extend(workspaceDetails.shape);
export type Workspace = z.infer<typeof workspace>;

/** Workspaces. */
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
    body: z.object({ name: workspaceName, existOk: z.boolean().default(false) }).extend(workspaceDetails.partial().shape),
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
  updateWorkspace: {
    method: "PATCH",
    path: "/workspaces/{workspace}",
    tag: "workspaces",
    access: "user",
    summary: "Change what is said of a workspace; tags are added to those that are there, one with null goes",
    params: inWorkspace,
    body: workspaceDetails
      .omit({ tags: true })
      .extend({ tags: z.record(z.string().min(1).max(100), z.string().max(1000).nullable()) })
      .partial(),
    response: workspace,
  },
  deleteWorkspace: {
    method: "DELETE",
    path: "/workspaces/{workspace}",
    tag: "workspaces",
    access: "user",
    summary:
      "Delete a workspace: refused while runs are on their way or compute targets are there, and while it holds runs unless `everything`",
    params: inWorkspace,
    query: z.object({ everything: z.stringbool().default(false) }),
    response: "none",
  },
});
