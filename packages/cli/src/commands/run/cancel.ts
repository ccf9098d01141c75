import { defineCommand } from "../../command.ts";
import { seconds } from "../../flags.ts";
import { runRow } from "./views.ts";
import { RUN_ARGS, RUN_FLAGS, runParams } from "./which.ts";

export const cancelRun = defineCommand({
  summary: "Stop a run and keep what it has written so far",
  args: RUN_ARGS,
  flags: { ...RUN_FLAGS, grace: seconds({ default: 30, help: "time to finish before the job is killed" }) },
  examples: [
    ["switchyard run cancel -r RUN", "TERM now, KILL after 30 seconds"],
    ["switchyard run cancel -r RUN --grace 5m", "gives the script time to save a checkpoint"],
  ],
  async act(context) {
    const { connect, flags, out, world } = context;
    const run = await (await connect()).cancelRun({ params: await runParams(context), body: { graceSeconds: flags.grace } });
    await out.result(run, {
      rows: () => runRow(run, world.now()),
      human: () =>
        run.cancelRequestedUtc !== null && run.endTimeUtc === null
          ? `Canceling ${run.runId}. Its logs and outputs stay.`
          : `${run.runId} is over (${run.status}); there is nothing to cancel.`,
    });
  },
});
