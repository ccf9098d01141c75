import { defineCommand } from "../../command.ts";
import { datastoreRow } from "./views.ts";

export const listDatastores = defineCommand({
  summary: "List the datastores of a workspace",
  examples: [["switchyard datastore list", "names, types and what can be done with each"]],
  async act({ connect, out, workspace }) {
    const stores = await (await connect()).listDatastores({ params: { workspace: await workspace() } });
    await out.result(stores, { rows: () => stores.map(datastoreRow) });
  },
});
