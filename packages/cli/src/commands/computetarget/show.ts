import { defineCommand } from "../../command.ts";
import { text } from "../../flags.ts";

export const showTarget = defineCommand({
  summary: "Show one compute target",
  flags: { name: text({ short: "n", required: true, help: "name of the compute target", valueName: "NAME" }) },
  examples: [["switchyard computetarget show -n local", "this machine"]],
  async act({ connect, flags, out, workspace }) {
    await out.result(await (await connect()).getTarget({ params: { workspace: await workspace(), name: flags.name } }));
  },
});
