import { defineCommand } from "../../command.ts";
import { trialRow } from "../../sweep/views.ts";
import { RUN_ARGS, RUN_FLAGS, runParams } from "../run/which.ts";

export const resumeSweep = defineCommand({
  summary: "Let a sweep go on that was stopped, canceled or ended by a limit",
  description: "Trials that were cut off are tried again with their values; then the sampler goes on where it was",
  args: RUN_ARGS,
  flags: RUN_FLAGS,
  examples: [["switchyard sweep resume -r RUN", "the sweep has its whole duration again"]],
  async act(context) {
    const { connect, out } = context;
    const sweep = await (await connect()).resumeSweep({ params: await runParams(context), body: {} });
    await out.result(sweep, {
      rows: () => sweep.trials.map(trialRow),
      human: () => `${sweep.runId} goes on. How it stands: switchyard sweep show -r ${sweep.runId}`,
    });
  },
});
