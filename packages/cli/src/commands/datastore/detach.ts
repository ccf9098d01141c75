import { defineCommand } from "../../command.ts";
import { DATASTORE_NAME, namedDatastore } from "./which.ts";

export const detachDatastore = defineCommand({
  summary: "Forget a datastore; the storage behind it stays as it is",
  flags: DATASTORE_NAME,
  examples: [["switchyard datastore detach -n shared", "nothing there is removed"]],
  async act(context) {
    const { api, params } = await namedDatastore(context);
    await api.unregisterDatastore({ params });
    await context.out.result(
      { detached: params.name },
      { human: () => `Detached datastore "${params.name}". Its storage stays as it is.` },
    );
  },
});
