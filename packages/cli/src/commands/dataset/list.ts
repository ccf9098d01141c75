import { defineCommand } from "../../command.ts";
import { toggle } from "../../flags.ts";
import { datasetRow } from "./views.ts";

export const listDatasets = defineCommand({
  summary: "List registered datasets, the newest version of each",
  flags: { archived: toggle({ help: "archived ones as well" }) },
  examples: [["switchyard dataset list", "names, versions and types"]],
  async act({ connect, flags, out, workspace }) {
    const query = { limit: 10_000, archived: flags.archived };
    const { items } = await (await connect()).listDatasets({ params: { workspace: await workspace() }, query });
    await out.result(items, { rows: () => items.map(datasetRow) });
  },
});
