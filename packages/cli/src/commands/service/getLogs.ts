import { defineCommand } from "../../command.ts";
import { count, toggle } from "../../flags.ts";
import { namedService, SERVICE_NAME } from "./which.ts";

export const getServiceLogs = defineCommand({
  summary: "Print what a web service printed in its last start and the one before",
  flags: {
    ...SERVICE_NAME,
    numLines: count({ short: "l", aliases: ["num_lines"], default: 5000, help: "only so many lines, the last ones" }),
    init: toggle({ short: "i", help: "what was printed while its environment was prepared" }),
  },
  examples: [["switchyard service get-logs -n digits -l 50", "the last 50 lines"]],
  async act(context) {
    const { flags, out, world } = context;
    const { api, params } = await namedService(context);
    const { text } = await api.readServiceLogs({ params, query: { lines: flags.numLines, init: flags.init } as never });
    if (out.resultAskedFor) await out.result(text);
    else out.write(text, world.stdout); // the log is what this command is about
  },
});
