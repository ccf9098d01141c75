import { NotFound } from "@switchyard/protocol/errors";
import { defineCommand } from "../../command.ts";
import { listing } from "../../output/table.ts";
import { numberInWords } from "../../output/words.ts";
import { argumentsText, trialRow } from "../../sweep/views.ts";
import { RUN_ARGS, RUN_FLAGS, runParams } from "../run/which.ts";

export const bestOfSweep = defineCommand({
  summary: "Show the best trial of a sweep and its values",
  args: RUN_ARGS,
  flags: RUN_FLAGS,
  examples: [
    ["switchyard sweep best -r RUN", "score, values, and the run that has the model"],
    ["switchyard sweep best -r RUN --query runId -o tsv", "its run's id, for a script: `run download -r …`"],
  ],
  async act(context) {
    const { connect, out } = context;
    const params = await runParams(context);
    const { best, trials, configuration, warnings } = await (await connect()).getSweep({ params, query: {} });
    const trial = best === null ? undefined : trials[best.trial];
    if (trial === undefined) {
      const why = warnings.length === 0 ? "" : ` ${warnings.join(" ")}`;
      throw new NotFound(`No trial of ${params.runId} has a score: none has logged "${configuration.primaryMetricName}" so far.${why}`);
    }
    await out.result(trial, {
      rows: () => trialRow(trial),
      human: () =>
        listing([
          ["Run", trial.runId],
          [configuration.primaryMetricName, trial.score === null ? null : numberInWords(trial.score)],
          ["Trial", trial.trial],
          ["State", trial.state],
          ["Arguments", argumentsText(trial.arguments)],
          ["Next", `switchyard run show -r ${trial.runId}\nswitchyard run download -r ${trial.runId}`],
        ]),
    });
  },
});
