import { defineCommand } from "../../command.ts";
import { text } from "../../flags.ts";

const flags = { name: text({ short: "n", required: true, help: "name of the experiment", valueName: "NAME" }) };

export const archiveExperiment = defineCommand({
  summary: "Leave an experiment and its runs out of lists; no run begins in it until it is reactivated",
  flags,
  examples: [["switchyard experiment archive -n mnist", "nothing of it is lost"]],
  async act({ connect, flags: { name }, out, workspace }) {
    await out.result(await (await connect()).archiveExperiment({ params: { workspace: await workspace(), experiment: name } }));
  },
});

export const reactivateExperiment = defineCommand({
  summary: "Bring an archived experiment and its runs back",
  flags,
  examples: [["switchyard experiment reactivate -n mnist", "also what an MLflow client deleted"]],
  async act({ connect, flags: { name }, out, workspace }) {
    await out.result(await (await connect()).reactivateExperiment({ params: { workspace: await workspace(), experiment: name } }));
  },
});
