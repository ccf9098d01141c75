import { BadRequest } from "@switchyard/protocol/errors";
import { defineCommand } from "../../command.ts";
import { text, toggle } from "../../flags.ts";

export const createWorkspace = defineCommand({
  summary: "Create a workspace",
  flags: {
    name: text({ short: "n", help: "name of the workspace (or give it with -w)", valueName: "NAME" }),
    location: text({ short: "l", help: "accepted for scripts of Azure ML v1", valueName: "PLACE" }),
    existOk: toggle({ help: "a workspace that exists is no error" }),
    yes: toggle({ short: "y", help: "accepted for scripts of Azure ML v1; nothing is asked" }),
  },
  examples: [["switchyard workspace create -w vision", "runs of -w vision are kept apart from others"]],
  async act({ connect, flags, global, out }) {
    const name = flags.name ?? global.workspace;
    if (name === undefined) throw new BadRequest("Which workspace? Give its name with -w NAME.");
    const workspace = await (await connect()).createWorkspace({ body: { name, existOk: flags.existOk } });
    await out.result(workspace);
  },
});
