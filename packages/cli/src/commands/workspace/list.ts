import { defineCommand } from "../../command.ts";
import { localTime } from "../../output/words.ts";

export const listWorkspaces = defineCommand({
  summary: "List the workspaces of this server",
  examples: [["switchyard workspace list", "all of them"]],
  async act({ connect, out }) {
    const workspaces = await (await connect()).listWorkspaces({});
    await out.result(workspaces, {
      rows: () => workspaces.map(({ name, workspaceId, createdUtc }) => ({ name, workspaceId, created: localTime(createdUtc) })),
    });
  },
});
