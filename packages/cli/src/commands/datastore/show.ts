import { defineCommand } from "../../command.ts";
import { datastoreText } from "./views.ts";
import { DATASTORE_NAME, namedDatastore } from "./which.ts";

export const showDatastore = defineCommand({
  summary: "Show one datastore",
  flags: DATASTORE_NAME,
  examples: [["switchyard datastore show -n workspaceblobstore", "what it is, and what can be done with it"]],
  async act(context) {
    const { api, params } = await namedDatastore(context);
    const store = await api.getDatastore({ params });
    await context.out.result(store, { human: () => datastoreText(store) });
  },
});
