import { defineCommand } from "../../command.ts";
import { text } from "../../flags.ts";

export const deleteExperiment = defineCommand({
  summary: "Delete an experiment that never had a run; one with runs can be archived",
  flags: { name: text({ short: "n", required: true, help: "name of the experiment", valueName: "NAME" }) },
  examples: [["switchyard experiment delete -n misspelt", "for good"]],
  async act({ connect, flags, out, workspace }) {
    await (await connect()).deleteExperiment({ params: { workspace: await workspace(), experiment: flags.name } });
    await out.result({ name: flags.name, deleted: true }, { human: () => `Deleted experiment ${flags.name}.` });
  },
});
