import { BadRequest, NotFound } from "@switchyard/protocol/errors";
import { defineCommand } from "../../command.ts";
import { count, text } from "../../flags.ts";
import { modelText } from "./views.ts";
import { MODEL_ARGS, MODEL_ID, partsOf } from "./which.ts";

export const showModel = defineCommand({
  summary: "Show one version of a model",
  args: MODEL_ARGS,
  flags: {
    ...MODEL_ID,
    modelName: text({
      short: "n",
      aliases: ["name"],
      help: "name of the model; the newest version unless -v says another",
      valueName: "NAME",
    }),
    version: count({ short: "v", help: "version of the model that -n names" }),
    runId: text({ help: "the newest version that comes from this run", valueName: "RUN" }),
  },
  examples: [
    ["switchyard model show -i digits:3", "what it is and where it came from"],
    ["switchyard model show -n digits", "the newest version"],
  ],
  async act({ args, connect, flags, out, workspace }) {
    const api = await connect();
    const id = args.id ?? flags.modelId;
    const params = { workspace: await workspace() };
    const find = async () => {
      if (id !== undefined) return await api.getModel({ params: { ...params, ...partsOf(id) } });
      const { modelName: name, version, runId } = flags;
      if (runId !== undefined) {
        const { items } = await api.listModels({ params, query: { runId, limit: 1, ...(name === undefined ? {} : { name }) } });
        if (items[0] !== undefined) return items[0];
        throw new NotFound(`No model${name === undefined ? "" : ` "${name}"`} comes from run ${runId}.`);
      }
      if (name === undefined) throw new BadRequest("Which model? Give it as NAME:VERSION with -i, or its name with -n.");
      return version === undefined
        ? await api.getLatestModel({ params: { ...params, name } })
        : await api.getModel({ params: { ...params, name, version } });
    };
    const model = await find();
    await out.result(model, { human: () => modelText(model) });
  },
});
