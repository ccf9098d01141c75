import { defineCommand } from "../../command.ts";
import { text } from "../../flags.ts";
import { datasetText } from "./views.ts";
import { DATASET_FLAGS, namedDataset } from "./which.ts";

export const showDataset = defineCommand({
  summary: "Show one version of a registered dataset",
  flags: { ...DATASET_FLAGS, version: text({ short: "v", help: "version; the newest when absent", valueName: "N" }) },
  examples: [["switchyard dataset show -n iris -v 1", "where its files are, and what is done to them"]],
  async act(context) {
    const { dataset } = await namedDataset(context);
    await context.out.result(dataset, { human: () => datasetText(dataset) });
  },
});
