import { defineCommand } from "../../command.ts";
import { text } from "../../flags.ts";
import { listing } from "../../output/table.ts";
import { argumentsText, trialRow } from "../../sweep/views.ts";
import { RUN_ARGS, RUN_FLAGS, runParams } from "../run/which.ts";

export const suggestTrial = defineCommand({
  summary: "Have a sweep's sampler suggest values that you try yourself",
  description: "The trial has a run that you log to, or `sweep tell` does; what comes of it counts as that of any other trial",
  args: RUN_ARGS,
  flags: { ...RUN_FLAGS, key: text({ help: "a name for the wish: sent again, it is the same trial", valueName: "KEY" }) },
  examples: [
    ["switchyard sweep suggest -r RUN", "the trial, its values and its run"],
    ["switchyard sweep suggest -r RUN --query values", "the values as JSON, for a program"],
  ],
  async act(context) {
    const { connect, out, flags } = context;
    const params = await runParams(context);
    const trial = await (await connect()).lendTrial({ params, body: flags.key === undefined ? {} : { key: flags.key } });
    await out.result(trial, {
      rows: () => trialRow(trial),
      human: () =>
        listing([
          ["Trial", trial.trial],
          ["Run", trial.runId],
          ["Values", argumentsText(trial.arguments)],
          ["Next", `switchyard sweep tell -r ${params.runId} --trial ${trial.trial} --score NUMBER`],
        ]),
    });
  },
});
