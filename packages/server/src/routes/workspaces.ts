import { AlreadyExists, NotFound, type Workspace } from "@switchyard/protocol";
import type { Handlers } from "../http/handler.ts";
import type { Parts } from "../parts.ts";

type Names = "listWorkspaces" | "createWorkspace" | "getWorkspace" | "listExperiments" | "createExperiment" | "getExperiment";

/** Workspaces and the experiments in them. */
export function workspaceHandlers({ store, client }: Parts): Pick<Handlers, Names> {
  const shown = ({ name, id, createdAt }: { name: string; id: string; createdAt: Date }): Workspace => ({
    name,
    workspaceId: id,
    subscriptionId: client.subscriptionId,
    resourceGroup: client.resourceGroup,
    createdUtc: createdAt.toISOString(),
  });
  return {
    async listWorkspaces() {
      return (await store.workspaces.list()).map(shown);
    },
    async createWorkspace({ body }) {
      const workspace = await store.workspaces.ensure(body.name);
      if (!workspace.created && !body.existOk) throw new AlreadyExists(`There is a workspace "${body.name}" already.`);
      return shown(workspace);
    },
    async getWorkspace({ params }) {
      const workspace = await store.workspaces.get(params.workspace);
      if (workspace === undefined) throw new NotFound(`There is no workspace "${params.workspace}".`);
      return shown(workspace);
    },
    async listExperiments({ params, query }) {
      return await store.experiments.list(params.workspace, query);
    },
    async createExperiment({ params, body }) {
      return await store.experiments.ensure(params.workspace, body.name);
    },
    async getExperiment({ params }) {
      const experiment = await store.experiments.get(params.workspace, params.experiment);
      if (experiment === undefined) throw new NotFound(`There is no experiment "${params.experiment}" in workspace "${params.workspace}".`);
      return experiment;
    },
  };
}
