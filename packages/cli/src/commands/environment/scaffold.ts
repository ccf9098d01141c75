import { join, resolve } from "node:path";
import { defineCommand } from "../../command.ts";
import { text, toggle } from "../../flags.ts";
import { writeEnvironmentFolder } from "./folder.ts";

export const scaffoldEnvironment = defineCommand({
  summary: "Write an environment to start from: a definition and a conda file",
  flags: {
    name: text({ short: "n", required: true, help: "name of the environment", placeholder: "NAME" }),
    directory: text({ short: "d", help: "folder; default: one named after the environment", placeholder: "FOLDER" }),
    overwrite: toggle({ help: "replace files that exist" }),
  },
  examples: [["switchyard environment scaffold -n sklearn -d sklearn-env", "then edit it, then `environment register -d sklearn-env`"]],
  async act({ flags, out, world }) {
    const folder = flags.directory === undefined ? join(world.cwd, flags.name) : resolve(world.cwd, flags.directory);
    const files = await writeEnvironmentFolder(folder, template(flags.name), flags.overwrite);
    await out.result({ name: flags.name, files }, { human: () => `Wrote ${files.join(" and ")}.` });
  },
});

/** Spec 03 §2 and §3, with what this foundation can build. */
function template(name: string) {
  return {
    name,
    version: null,
    environmentVariables: { EXAMPLE_ENV_VAR: "EXAMPLE_VALUE" },
    python: {
      userManagedDependencies: false,
      interpreterPath: "python",
      baseCondaEnvironment: null,
      condaDependencies: { name: "project_environment", dependencies: ["python", "pip", { pip: ["azureml-defaults"] }] },
    },
    docker: {
      enabled: false,
      baseImage: null,
      baseDockerfile: null,
      sharedVolumes: true,
      shmSize: "2g",
      arguments: [],
      baseImageRegistry: { address: null, username: null, password: null },
    },
    spark: { repositories: [], packages: [], precachePackages: true },
    databricks: { mavenLibraries: [], pypiLibraries: [], rcranLibraries: [], jarLibraries: [], eggLibraries: [] },
    inferencingStackVersion: null,
  };
}
