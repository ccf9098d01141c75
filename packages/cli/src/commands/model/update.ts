import { BadRequest } from "@switchyard/protocol/errors";
import { defineCommand } from "../../command.ts";
import { pairs, tags, texts } from "../../flags.ts";
import { FACT_FLAGS, factsOf, tagTexts } from "./facts.ts";
import { modelText } from "./views.ts";
import { MODEL_ARGS, MODEL_ID, modelParams } from "./which.ts";

export const updateModel = defineCommand({
  summary: "Change tags, description and what a model asks for; add properties",
  args: MODEL_ARGS,
  flags: {
    ...MODEL_ID,
    addTag: tags({ aliases: ["tag"], help: "set a tag" }),
    removeTag: texts({ help: "remove a tag", valueName: "KEY" }),
    addProperty: pairs({ aliases: ["property"], help: "add a property; one that is there with another value is refused" }),
    ...FACT_FLAGS,
  },
  examples: [["switchyard model update -i digits:3 --add-tag best --remove-tag candidate", "one tag more, one less"]],
  async act(context) {
    const { connect, flags, out } = context;
    const body = {
      ...factsOf(flags),
      ...(isEmpty(flags.addTag) ? {} : { tags: tagTexts(flags.addTag) }),
      ...(flags.removeTag.length === 0 ? {} : { removeTags: [...flags.removeTag] }),
      ...(isEmpty(flags.addProperty) ? {} : { properties: { ...flags.addProperty } }),
    };
    if (isEmpty(body)) throw new BadRequest("Nothing to change. Give --add-tag, --remove-tag, --add-property or --description.");
    const model = await (await connect()).updateModel({ params: await modelParams(context), body });
    await out.result(model, { human: () => modelText(model) });
  },
});

const isEmpty = (record: object): boolean => Object.keys(record).length === 0;
