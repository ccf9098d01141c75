import type { Model } from "@switchyard/protocol";
import { defineCommand } from "../../command.ts";
import { tags, text, toggle } from "../../flags.ts";
import { modelRow } from "./views.ts";

export const listModels = defineCommand({
  summary: "List models, newest first",
  flags: {
    name: text({ short: "n", aliases: ["model-name"], help: "only versions of this model", valueName: "NAME" }),
    tag: tags({ help: "only those with this tag" }),
    property: tags({ help: "only those with this property" }),
    runId: text({ help: "only those that come from this run", valueName: "RUN" }),
    datasetId: text({ help: "only those that were made with this data set", valueName: "ID" }),
    latest: toggle({ short: "l", help: "of each model only the newest version" }),
  },
  examples: [
    ["switchyard model list --latest", "the newest version of every model"],
    ["switchyard model list -n digits --tag area=vision", "versions of one model that have a tag"],
  ],
  async act({ connect, flags, out, workspace }) {
    const api = await connect();
    const params = { workspace: await workspace() };
    const query = {
      latest: flags.latest,
      limit: 1000,
      tag: labelsOf(flags.tag),
      property: labelsOf(flags.property),
      ...(flags.name === undefined ? {} : { name: flags.name }),
      ...(flags.runId === undefined ? {} : { runId: flags.runId }),
    };
    const models: Model[] = [];
    for (let after: string | null | undefined; after !== null; ) {
      const page = await api.listModels({ params, query: after === undefined ? query : { ...query, after } });
      models.push(...page.items.filter((model) => flags.datasetId === undefined || isMadeWith(model, flags.datasetId)));
      after = page.next;
    }
    await out.result(models, { rows: () => models.map(modelRow) });
  },
});

const labelsOf = (labels: Readonly<Record<string, string | null>>): string[] =>
  Object.entries(labels).map(([name, value]) => (value === null ? name : `${name}=${value}`));

const isMadeWith = ({ datasets, sampleInputDatasetId, sampleOutputDatasetId }: Model, id: string): boolean =>
  [sampleInputDatasetId, sampleOutputDatasetId, ...datasets.map(({ datasetId }) => datasetId)].includes(id);
