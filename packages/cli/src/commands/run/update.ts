import { BadRequest } from "@switchyard/protocol/errors";
import { defineCommand } from "../../command.ts";
import { pairs, tags, text, texts } from "../../flags.ts";
import { runRow, runText } from "./views.ts";
import { RUN_ARGS, RUN_FLAGS, runParams } from "./which.ts";

export const updateRun = defineCommand({
  summary: "Change the tags, the name or the description of a run",
  args: RUN_ARGS,
  flags: {
    ...RUN_FLAGS,
    addTag: tags({ help: "set a tag" }),
    removeTag: texts({ help: "remove a tag", valueName: "KEY" }),
    addProperty: pairs({ help: "add a property; the first value stays for good" }),
    displayName: text({ aliases: ["name"], help: "name to show", valueName: "NAME" }),
    description: text({ help: "free text (Markdown)" }),
  },
  examples: [
    ["switchyard run update -r RUN --add-tag best --add-tag team=vision", "two tags, one without a value"],
    ["switchyard run update -r RUN --remove-tag best", "one tag less"],
  ],
  async act(context) {
    const { connect, flags, out, world } = context;
    const body = {
      ...(isEmpty(flags.addTag) ? {} : { tags: flags.addTag }),
      ...(flags.removeTag.length === 0 ? {} : { removeTags: [...flags.removeTag] }),
      ...(isEmpty(flags.addProperty) ? {} : { properties: flags.addProperty }),
      ...(flags.displayName === undefined ? {} : { displayName: flags.displayName }),
      ...(flags.description === undefined ? {} : { description: flags.description }),
    };
    if (isEmpty(body)) throw new BadRequest("Nothing to change. Give --add-tag, --remove-tag, --display-name or --description.");
    const run = await (await connect()).updateRun({ params: await runParams(context), body });
    await out.result(run, { human: (paint) => runText(run, world.now(), paint), rows: () => runRow(run, world.now()) });
  },
});

function isEmpty(record: object): boolean {
  return Object.keys(record).length === 0;
}
