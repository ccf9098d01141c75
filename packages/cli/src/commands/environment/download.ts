import { join, resolve } from "node:path";
import { defineCommand } from "../../command.ts";
import { text, toggle } from "../../flags.ts";
import { environmentFiles, writeFiles } from "./folder.ts";
import { ENVIRONMENT_FLAGS } from "./which.ts";

export const downloadEnvironment = defineCommand({
  summary: "Write the definition of an environment into a folder",
  flags: {
    ...ENVIRONMENT_FLAGS,
    directory: text({ short: "d", help: "folder; default: one named after the environment", valueName: "FOLDER" }),
    overwrite: toggle({ help: "replace files that exist" }),
  },
  examples: [["switchyard environment download -n sklearn -d sklearn-env", "to change it and register it again"]],
  async act({ connect, flags, out, workspace, world }) {
    const params = { workspace: await workspace(), name: flags.name };
    const found = await (await connect()).getEnvironment({ params, query: flags.version === undefined ? {} : { version: flags.version } });
    const folder = flags.directory === undefined ? join(world.cwd, found.name.replaceAll("/", "-")) : resolve(world.cwd, flags.directory);
    const files = await writeFiles(folder, await environmentFiles({ ...found.definition, version: found.version }), flags.overwrite);
    await out.result({ name: found.name, version: found.version, files }, { human: () => `Wrote ${files.join(" and ")}.` });
  },
});
