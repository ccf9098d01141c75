import { defineCommand } from "../../command.ts";
import { DATASTORE_NAME, namedDatastore } from "./which.ts";

export const setDefaultDatastore = defineCommand({
  summary: "Choose the datastore that is meant where none is named",
  flags: DATASTORE_NAME,
  examples: [["switchyard datastore set-default -n shared", "uploads and outputs go there from now on"]],
  async act(context) {
    const { api, params } = await namedDatastore(context);
    const store = await api.setDefaultDatastore({ params: { workspace: params.workspace }, body: { name: params.name } });
    await context.out.result(store, { human: () => `"${store.name}" is the default datastore of workspace "${params.workspace}".` });
  },
});
