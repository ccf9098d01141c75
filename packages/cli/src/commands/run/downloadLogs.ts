import { defineCommand } from "../../command.ts";
import { downloadFiles } from "../../files/downloadFiles.ts";
import { toggle } from "../../flags.ts";
import { OUTPUT_DIRECTORY, RUN_ARGS, RUN_FLAGS, runParams } from "./which.ts";

/** Where logs lie, those of earlier attempts included (spec 05 §7). */
const LOG_PREFIXES = ["azureml-logs/", "logs/", "attempts/"];

export const downloadLogs = defineCommand({
  summary: "Bring the logs of a run into a folder",
  args: RUN_ARGS,
  flags: {
    ...RUN_FLAGS,
    outputDirectory: OUTPUT_DIRECTORY,
    overwrite: toggle({ help: "replace files that differ" }),
  },
  examples: [["switchyard run download-logs -r RUN -d logs", "every log, into ./logs"]],
  async act(context) {
    const { flags } = context;
    const params = await runParams(context);
    await downloadFiles(context, params, flags.outputDirectory ?? params.runId, LOG_PREFIXES, flags.overwrite);
  },
});
