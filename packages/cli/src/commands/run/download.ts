import { defineCommand } from "../../command.ts";
import { downloadFiles } from "../../files/downloadFiles.ts";
import { text, toggle } from "../../flags.ts";
import { OUTPUT_DIRECTORY, RUN_ARGS, RUN_FLAGS, runParams } from "./which.ts";

export const downloadRun = defineCommand({
  summary: "Bring the outputs and logs of a run into a folder",
  args: RUN_ARGS,
  flags: {
    ...RUN_FLAGS,
    outputDirectory: OUTPUT_DIRECTORY,
    prefix: text({ short: "p", default: "", help: "only files whose path begins like this", valueName: "PATH" }),
    overwrite: toggle({ help: "replace files that differ" }),
  },
  examples: [
    ["switchyard run download -r RUN", "everything, into ./RUN"],
    ["switchyard run download -r RUN --prefix outputs/ -d results", "only the outputs, into ./results"],
  ],
  async act(context) {
    const { flags } = context;
    const params = await runParams(context);
    await downloadFiles(context, params, flags.outputDirectory ?? params.runId, [flags.prefix], flags.overwrite);
  },
});
