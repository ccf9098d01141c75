import { BadRequest, NotImplemented } from "@switchyard/protocol/errors";
import { defineCommand } from "../../command.ts";
import { text } from "../../flags.ts";
import { namedWorkspace } from "./which.ts";

export const shareWorkspace = defineCommand({
  summary: "Give somebody a role in a workspace: not in this version",
  description: "Whoever has a token of this server may use all its workspaces. `switchyard token create --user NAME` makes one",
  flags: {
    user: text({ required: true, help: "who" }),
    role: text({ required: true, help: "owner, contributor or reader" }),
  },
  examples: [
    ["switchyard token create --user ada --note laptop", "what there is instead: a token for ada, who may then use every workspace"],
  ],
  async act(context) {
    const { flags } = context;
    if (flags.user === "" || flags.role === "") throw new BadRequest("Who, and in which role? Give --user and --role.");
    throw new NotImplemented(
      `${flags.user} cannot be given the role ${flags.role} in ${namedWorkspace(context)}: roles are not in this version. ` +
        `Whoever has a token may use all workspaces of this server; \`switchyard token create --user ${flags.user}\` makes one.`,
      { details: { feature: "Roles" } },
    );
  },
});
