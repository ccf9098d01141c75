import { defineCommand } from "../../command.ts";
import { showWorkspaceText } from "./details.ts";

export const showWorkspace = defineCommand({
  summary: "Show one workspace",
  examples: [["switchyard workspace show -w vision", "its id, when it was made, what is said of it"]],
  async act({ connect, out, workspace }) {
    await showWorkspaceText(out, await (await connect()).getWorkspace({ params: { workspace: await workspace() } }));
  },
});
