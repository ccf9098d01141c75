import { BadRequest } from "@switchyard/protocol/errors";
import { defineCommand } from "../../command.ts";
import { count, decimal } from "../../flags.ts";
import { trialRow } from "../../sweep/views.ts";
import { RUN_ARGS, RUN_FLAGS, runParams } from "../run/which.ts";

export const extendSweep = defineCommand({
  summary: "Give a sweep other limits; one that is over goes on",
  args: RUN_ARGS,
  flags: {
    ...RUN_FLAGS,
    maxTotalRuns: count({ help: "trials in all, those that it has had included" }),
    maxConcurrentRuns: count({ help: "trials at once" }),
    maxDurationMinutes: decimal({ help: "how long it may take; one that is over has all of it again", valueName: "MINUTES" }),
    maxComputeHours: decimal({ help: "hours that all trials together may compute", valueName: "HOURS" }),
  },
  examples: [
    ["switchyard sweep extend -r RUN --max-total-runs 40", "20 more, when it has had 20"],
    ["switchyard sweep extend -r RUN --max-concurrent-runs 8", "more at once from now on"],
  ],
  async act(context) {
    const { connect, out, flags } = context;
    const { maxTotalRuns, maxConcurrentRuns, maxDurationMinutes, maxComputeHours } = flags;
    const asked = { maxTotalRuns, maxConcurrentRuns, maxDurationMinutes, maxComputeHours };
    const body = Object.fromEntries(Object.entries(asked).filter(([, value]) => value !== undefined));
    if (Object.keys(body).length === 0)
      throw new BadRequest("Which limit? Give --max-total-runs, --max-concurrent-runs, --max-duration-minutes or --max-compute-hours.");
    for (const option of ["maxTotalRuns", "maxConcurrentRuns"] as const) {
      if (body[option] === 0)
        throw new BadRequest(`Option --${option === "maxTotalRuns" ? "max-total-runs" : "max-concurrent-runs"}: at least 1.`);
    }
    const sweep = await (await connect()).extendSweep({ params: await runParams(context), body });
    await out.result(sweep, {
      rows: () => sweep.trials.map(trialRow),
      human: () =>
        `${sweep.runId} may have ${sweep.configuration.maxTotalRuns} trials now. How it stands: switchyard sweep show -r ${sweep.runId}`,
    });
  },
});
