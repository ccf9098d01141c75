import { defineCommand } from "../../command.ts";
import { runRow, runText } from "./views.ts";
import { RUN_ARGS, RUN_FLAGS, runParams } from "./which.ts";

export const showRun = defineCommand({
  summary: "Show one run: status, times, metrics, configuration, log files",
  args: RUN_ARGS,
  flags: RUN_FLAGS,
  examples: [
    ["switchyard run show -r RUN", "what a person wants to know"],
    ["switchyard run show -r RUN -o json --query metrics", "its last metric values"],
  ],
  async act(context) {
    const { connect, out, world } = context;
    const run = await (await connect()).getRun({ params: await runParams(context) });
    await out.result(run, { human: (paint) => runText(run, world.now(), paint), rows: () => runRow(run, world.now()) });
  },
});
