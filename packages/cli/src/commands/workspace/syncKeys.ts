import { defineCommand } from "../../command.ts";

export const syncKeys = defineCommand({
  summary: "Read the keys of other services again: there are none that a workspace keeps copies of",
  description: "Accepted for scripts of Azure ML v1. Credentials of a datastore or target are changed where it is registered",
  examples: [["switchyard workspace sync-keys -w vision", "checks that the workspace is there"]],
  async act({ connect, out, workspace }) {
    const { name } = await (await connect()).getWorkspace({ params: { workspace: await workspace() } });
    out.note(`Workspace ${name} keeps no copies of keys of other services, so there was nothing to read again.`);
  },
});
