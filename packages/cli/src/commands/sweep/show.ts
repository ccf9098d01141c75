import { defineCommand } from "../../command.ts";
import { toggle } from "../../flags.ts";
import { bestFirst, sweepText, trialRow } from "../../sweep/views.ts";
import { RUN_ARGS, RUN_FLAGS, runParams } from "../run/which.ts";

export const showSweep = defineCommand({
  summary: "Show a sweep: how it stands, and its trials, best first",
  args: RUN_ARGS,
  flags: { ...RUN_FLAGS, all: toggle({ help: "all trials, not only the first 20" }) },
  examples: [
    ["switchyard sweep show -r RUN", "what a person wants to know"],
    ["switchyard sweep show -r RUN -o table", "a row for each trial, best first"],
    ["switchyard sweep show -r RUN --query \"trials[?state=='failed'].runId\" -o tsv", "ids for a script"],
  ],
  async act(context) {
    const { connect, out, world, flags } = context;
    const sweep = await (await connect()).getSweep({ params: await runParams(context), query: {} });
    await out.result(sweep, {
      human: (paint) => sweepText(sweep, world.now(), paint, { all: flags.all, width: world.stdout.columns }),
      rows: () => bestFirst(sweep).map(trialRow),
      cellWidth: 80,
    });
  },
});
