import { defineCommand } from "../../command.ts";
import { text } from "../../flags.ts";
import { checkExperimentName } from "../../project/experimentName.ts";

export const createExperiment = defineCommand({
  summary: "Create an experiment, or open it if it exists",
  flags: { name: text({ short: "n", required: true, help: "name of the experiment", valueName: "NAME" }) },
  examples: [["switchyard experiment create -n mnist", "runs can also create it by being submitted to it"]],
  async act({ connect, flags, out, workspace }) {
    await checkExperimentName(flags.name, (warning) => out.warn(warning));
    const experiment = await (await connect()).createExperiment({ params: { workspace: await workspace() }, body: { name: flags.name } });
    await out.result(experiment);
  },
});
