import { defineCommand } from "../../command.ts";
import { toggle } from "../../flags.ts";
import { trialRow } from "../../sweep/views.ts";
import { RUN_ARGS, RUN_FLAGS, runParams } from "../run/which.ts";

export const stopSweep = defineCommand({
  summary: "Make no more trials of a sweep",
  description: "Trials that run go on to their end, unless --now. `sweep resume` lets the sweep go on; `run cancel` ends it as canceled",
  args: RUN_ARGS,
  flags: { ...RUN_FLAGS, now: toggle({ help: "stop the trials that run as well" }) },
  examples: [
    ["switchyard sweep stop -r RUN", "what runs ends by itself, then the sweep is over"],
    ["switchyard sweep stop -r RUN --now", "what runs is canceled, and tried again when the sweep is resumed"],
  ],
  async act(context) {
    const { connect, out, flags } = context;
    const params = await runParams(context);
    const sweep = await (await connect()).stopSweep({ params, body: { cancelRunning: flags.now } });
    await out.result(sweep, {
      rows: () => sweep.trials.map(trialRow),
      human: () =>
        sweep.endTimeUtc === null
          ? `Stopping ${sweep.runId}: ${sweep.counts.pending} of its trials have yet to end. To go on later: switchyard sweep resume -r ${sweep.runId}`
          : `${sweep.runId} is over (${sweep.status}); there is nothing to stop.`,
    });
  },
});
