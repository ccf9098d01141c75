import { AlreadyExists, Conflict, DEFAULT_WORKSPACE, NotFound, type Workspace, type WorkspaceDetails } from "@switchyard/protocol";
import type { WorkspaceRecord } from "@switchyard/store";
import type { Handlers } from "../http/handler.ts";
import type { Parts } from "../parts.ts";

type Names = "listWorkspaces" | "createWorkspace" | "getWorkspace" | "updateWorkspace" | "deleteWorkspace";

/** Workspaces. */
export function workspaceHandlers({ store, artifacts, client, server }: Parts): Pick<Handlers, Names> {
  const shown = ({ name, id, createdAt, details }: WorkspaceRecord): Workspace => ({
    name,
    workspaceId: id,
    subscriptionId: client.subscriptionId,
    resourceGroup: client.resourceGroup,
    createdUtc: createdAt.toISOString(),
    defaultClusters: server.defaultClusters,
    ...details,
  });
  return {
    async listWorkspaces() {
      return (await store.workspaces.list()).map(shown);
    },
    async createWorkspace({ body }) {
      const { name, existOk: _, ...details } = body;
      const workspace = await store.workspaces.ensure(name, given(details));
      if (!workspace.created && !body.existOk) throw new AlreadyExists(`There is a workspace "${body.name}" already.`);
      return shown(workspace);
    },
    async getWorkspace({ params }) {
      const workspace = await store.workspaces.get(params.workspace);
      if (workspace === undefined) throw new NotFound(`There is no workspace "${params.workspace}".`);
      return shown(workspace);
    },
    async updateWorkspace({ params, body }) {
      const { tags = {}, ...others } = body;
      return shown(
        await store.workspaces.update(params.workspace, (was) => ({ ...was, ...given(others), tags: withTags(was.tags, tags) })),
      );
    },
    async deleteWorkspace({ params, query }) {
      if (params.workspace === DEFAULT_WORKSPACE) {
        throw new Conflict(
          `The workspace "${DEFAULT_WORKSPACE}" is always there. Its runs stay too: make a workspace of your own for what shall go.`,
        );
      }
      // rows first: a run that is still listed has its files
      for (const runId of await store.workspaces.remove(params.workspace, query.everything)) await artifacts.runFiles.removeRun(runId);
    },
  };
}

/** What was said, without what was left out. */
function given<T extends object>(said: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(said).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>;
  };
}

function withTags(was: WorkspaceDetails["tags"], changes: Readonly<Record<string, string | null>>): WorkspaceDetails["tags"] {
  return Object.fromEntries(Object.entries({ ...was, ...changes }).filter((tag): tag is [string, string] => tag[1] !== null));
}
