import { BadRequest } from "@switchyard/protocol/errors";
import { defineCommand } from "../../command.ts";
import { tags, text, texts } from "../../flags.ts";

export const updateExperiment = defineCommand({
  summary: "Change the tags of an experiment",
  flags: {
    name: text({ short: "n", required: true, help: "name of the experiment", valueName: "NAME" }),
    addTag: tags({ aliases: ["tag"], help: "set a tag" }),
    removeTag: texts({ help: "remove a tag", valueName: "KEY" }),
  },
  examples: [["switchyard experiment update -n mnist --add-tag team=vision --remove-tag draft", "one tag more, one less"]],
  async act({ connect, flags, out, workspace }) {
    const set = Object.entries(flags.addTag).map(([key, value]) => [key, value ?? ""]);
    const gone = flags.removeTag.map((key) => [key, null]);
    if (set.length + gone.length === 0) throw new BadRequest("Nothing to change. Give --add-tag or --remove-tag.");
    const both = flags.removeTag.filter((key) => key in flags.addTag);
    if (both.length > 0) throw new BadRequest(`${both.join(", ")}: a tag can be set or removed, not both.`);
    const body = { tags: Object.fromEntries([...set, ...gone]) as Record<string, string | null> };
    const params = { workspace: await workspace(), experiment: flags.name };
    await out.result(await (await connect()).updateExperiment({ params, body }));
  },
});
