import { defineCommand } from "../../command.ts";
import { datastoreText } from "./views.ts";

export const showDefaultDatastore = defineCommand({
  summary: "Show the datastore that is meant where none is named",
  examples: [["switchyard datastore show-default", "workspaceblobstore, unless another was chosen"]],
  async act({ connect, out, workspace }) {
    const store = await (await connect()).getDefaultDatastore({ params: { workspace: await workspace() } });
    await out.result(store, { human: () => datastoreText(store) });
  },
});
