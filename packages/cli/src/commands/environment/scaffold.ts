import { join, resolve } from "node:path";
import { scaffoldEnvironment as scaffold } from "@switchyard/protocol";
import { defineCommand } from "../../command.ts";
import { text, toggle } from "../../flags.ts";
import { writeFiles } from "./folder.ts";

export const scaffoldEnvironment = defineCommand({
  summary: "Write an environment to start from: a definition and a conda file",
  flags: {
    name: text({ short: "n", required: true, help: "name of the environment", valueName: "NAME" }),
    directory: text({ short: "d", help: "folder; default: one named after the environment", valueName: "FOLDER" }),
    overwrite: toggle({ help: "replace files that exist" }),
  },
  examples: [["switchyard environment scaffold -n sklearn -d sklearn-env", "then edit it, then `environment register -d sklearn-env`"]],
  async act({ flags, out, world }) {
    const folder = flags.directory === undefined ? join(world.cwd, flags.name) : resolve(world.cwd, flags.directory);
    const files = await writeFiles(folder, scaffold(flags.name), flags.overwrite);
    await out.result({ name: flags.name, files }, { human: () => `Wrote ${files.join(" and ")}.` });
  },
});
