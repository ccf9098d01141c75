import { BadRequest } from "@switchyard/protocol/errors";
import { defineCommand } from "../../command.ts";
import { text, toggle } from "../../flags.ts";
import { counted } from "../../output/words.ts";
import { DATASTORE_NAME, namedDatastore } from "./which.ts";

export const removeFromDatastore = defineCommand({
  summary: "Remove a file, or a folder with all in it, from a datastore that the server keeps itself",
  description: "The room is free once `switchyard gc` has run and nothing else has the same bytes",
  flags: {
    ...DATASTORE_NAME,
    targetPath: text({ short: "t", required: true, help: "file or folder on the datastore; / is all of it", valueName: "PATH" }),
    yes: toggle({ short: "y", help: "do it" }),
  },
  examples: [["switchyard datastore remove -n workspaceblobstore -t old/run -y", "what is below old/run"]],
  async act(context) {
    const { flags, out } = context;
    if (!flags.yes) throw new BadRequest(`Removed files do not come back. Give --yes to remove "${flags.targetPath}" from ${flags.name}.`);
    const { api, params } = await namedDatastore(context);
    const { removed } = await api.removeDatastoreFiles({ params, body: { path: flags.targetPath } });
    await out.result({ removed }, { human: () => `Removed ${counted(removed, "file")} from ${params.name}.` });
  },
});
