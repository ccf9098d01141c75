import { defineCommand } from "../../command.ts";

export const showWorkspace = defineCommand({
  summary: "Show one workspace",
  examples: [["switchyard workspace show -w vision", "its id and when it was made"]],
  async act({ connect, out, workspace }) {
    await out.result(await (await connect()).getWorkspace({ params: { workspace: await workspace() } }));
  },
});
