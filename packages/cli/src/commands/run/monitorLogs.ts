import { defineCommand } from "../../command.ts";
import { text } from "../../flags.ts";
import { followRun } from "../../stream/followRun.ts";
import { exitCodeOfRun, summarise } from "../../stream/summary.ts";
import { RUN_ARGS, RUN_FLAGS, runParams } from "./which.ts";

export const monitorLogs = defineCommand({
  summary: "Print the logs of a run, and what is added to them until it ends",
  description: "Ends with the outcome of the run: exit code 0 when it completed, 1 when it failed or was canceled",
  args: RUN_ARGS,
  flags: { ...RUN_FLAGS, file: text({ help: "only this log file", valueName: "PATH" }) },
  examples: [
    ["switchyard run monitor-logs -r RUN", "every log in reading order; Ctrl-C leaves the run alone"],
    ["switchyard run monitor-logs -r RUN > log.txt", "the text of the logs and nothing else"],
    ["switchyard run monitor-logs -r RUN --file azureml-logs/20_image_build_log.txt", "only how the environment was built"],
  ],
  async act(context) {
    const { connect, flags, out, world } = context;
    const api = await connect();
    const to = out.resultAskedFor ? world.stderr : world.stdout; // the log is what this command is about
    const followed = await followRun(context, api, await runParams(context), { file: flags.file, to });
    if (followed.detached) return followed.exitCode;
    return out.forPerson || out.resultAskedFor ? summarise(context, api, followed.run) : exitCodeOfRun(followed.run);
  },
});
