import { defineCommand } from "../../command.ts";
import { MODEL_ARGS, MODEL_ID, modelParams } from "./which.ts";

export const deleteModel = defineCommand({
  summary: "Delete one version of a model; its number is not given again",
  args: MODEL_ARGS,
  flags: MODEL_ID,
  examples: [["switchyard model delete -i digits:3", "its files go with the next `switchyard gc`, unless something else needs them"]],
  async act(context) {
    const params = await modelParams(context);
    await (await context.connect()).deleteModel({ params });
    const id = `${params.name}:${params.version}`;
    await context.out.result({ id, deleted: true }, { human: () => `Deleted ${id}.` });
  },
});
