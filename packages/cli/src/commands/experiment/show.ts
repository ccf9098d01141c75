import { defineCommand } from "../../command.ts";
import { text } from "../../flags.ts";

export const showExperiment = defineCommand({
  summary: "Show one experiment",
  flags: { name: text({ short: "n", required: true, help: "name of the experiment", valueName: "NAME" }) },
  examples: [["switchyard experiment show -n mnist", "its id and how many runs it has"]],
  async act({ connect, flags, out, workspace }) {
    const experiment = await (await connect()).getExperiment({ params: { workspace: await workspace(), experiment: flags.name } });
    await out.result(experiment);
  },
});
