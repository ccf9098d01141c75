import { defineCommand } from "../../command.ts";
import { bringFiles } from "../../files/downloadFiles.ts";
import { text, toggle } from "../../flags.ts";
import { MODEL_ARGS, MODEL_ID, modelParams } from "./which.ts";

export const downloadModel = defineCommand({
  summary: "Bring the file or folder of a model into a folder",
  args: MODEL_ARGS,
  flags: {
    ...MODEL_ID,
    targetDir: text({ short: "t", default: ".", help: "folder to write to", valueName: "FOLDER" }),
    overwrite: toggle({ help: "replace files that differ" }),
  },
  examples: [["switchyard model download -i digits:3 -t models", "models/model.pkl"]],
  async act(context) {
    const { connect, flags, out } = context;
    const params = await modelParams(context);
    const api = await connect();
    const read = (path: string) => api.readModelFile({ params: { ...params, path } });
    const files = await bringFiles(context, await api.listModelFiles({ params }), read, flags.targetDir, flags.overwrite);
    await out.result(files.result, { human: () => files.sentence("The model has no files.") });
  },
});
