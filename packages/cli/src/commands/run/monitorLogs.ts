import { defineCommand } from "../../command.ts";
import { text } from "../../flags.ts";
import { followRun } from "../../stream/followRun.ts";
import { summarise } from "../../stream/summary.ts";
import { RUN_ARGS, RUN_FLAGS, runParams } from "./which.ts";

export const monitorLogs = defineCommand({
  summary: "Print the logs of a run, and what is added to them until it ends",
  description: "Ends with the outcome of the run: exit code 0 when it completed, 1 when it failed or was canceled",
  args: RUN_ARGS,
  flags: { ...RUN_FLAGS, file: text({ help: "only this log file", placeholder: "PATH" }) },
  examples: [
    ["switchyard run monitor-logs -r RUN", "every log in reading order; Ctrl-C leaves the run alone"],
    ["switchyard run monitor-logs -r RUN --file azureml-logs/20_image_build_log.txt", "only how the environment was built"],
  ],
  async act(context) {
    const api = await context.connect();
    const followed = await followRun(context, api, await runParams(context), context.flags.file);
    return followed.detached ? followed.exitCode : summarise(context, api, followed.run);
  },
});
