import { resolve } from "node:path";
import { defineCommand } from "../../command.ts";
import { text } from "../../flags.ts";
import { readEnvironmentFolder } from "./folder.ts";

export const registerEnvironment = defineCommand({
  summary: "Register the environment in a folder; an unchanged one keeps its version",
  flags: {
    directory: text({ short: "d", default: ".", help: "folder with azureml_environment.json and its conda file", valueName: "FOLDER" }),
    name: text({ short: "n", help: "name; default: that of the definition", valueName: "NAME" }),
  },
  examples: [["switchyard environment register -d sklearn-env", "a new version when something changed"]],
  async act({ connect, flags, out, workspace, world }) {
    const read = await readEnvironmentFolder(resolve(world.cwd, flags.directory), (warning) => out.warn(warning));
    const definition = { ...read, ...(flags.name === undefined ? {} : { name: flags.name }) };
    const environment = await (await connect()).registerEnvironment({ params: { workspace: await workspace() }, body: definition });
    await out.result(environment, { human: () => `Registered ${environment.name}, version ${environment.version}.` });
  },
});
