import { NotFound } from "@switchyard/protocol";
import type { Handlers } from "../http/handler.ts";
import type { Parts } from "../parts.ts";

type Names =
  | "listExperiments"
  | "createExperiment"
  | "getExperiment"
  | "updateExperiment"
  | "archiveExperiment"
  | "reactivateExperiment"
  | "deleteExperiment";

/** Experiments. */
export function experimentHandlers({ store }: Parts): Pick<Handlers, Names> {
  const find = async ({ workspace, experiment }: { workspace: string; experiment: string }) => {
    const found = await store.experiments.get(workspace, experiment);
    if (found === undefined) throw new NotFound(`There is no experiment "${experiment}" in workspace "${workspace}".`);
    return found;
  };
  return {
    async listExperiments({ params, query }) {
      return await store.experiments.list(params.workspace, query);
    },
    async createExperiment({ params, body }) {
      return await store.experiments.ensure(params.workspace, body.name);
    },
    async getExperiment({ params }) {
      return await find(params);
    },
    async updateExperiment({ params, body }) {
      await store.experiments.changeTags(await find(params), body.tags);
      return await find(params);
    },
    async archiveExperiment({ params }) {
      await store.experiments.setArchived(params.workspace, await find(params), new Date());
      return await find(params);
    },
    async reactivateExperiment({ params }) {
      await store.experiments.setArchived(params.workspace, await find(params), null);
      return await find(params);
    },
    async deleteExperiment({ params }) {
      await store.experiments.remove(await find(params));
    },
  };
}
