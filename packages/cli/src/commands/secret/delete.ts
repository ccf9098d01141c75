import { defineCommand } from "../../command.ts";
import { SECRET_NAME } from "./which.ts";

export const deleteSecret = defineCommand({
  summary: "Delete a secret of the workspace",
  flags: { name: SECRET_NAME },
  examples: [["switchyard secret delete -n api-key", "runs that ask for it get nothing from now on"]],
  async act({ connect, flags, out, workspace }) {
    await (await connect()).deleteSecret({ params: { workspace: await workspace(), name: flags.name } });
    await out.result({ name: flags.name, deleted: true }, { human: () => `Deleted ${flags.name}.` });
  },
});
