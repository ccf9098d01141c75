import { defineCommand } from "../../command.ts";
import { text } from "../../flags.ts";
import { localTime } from "../../output/words.ts";

export const listEnvironments = defineCommand({
  summary: "List environments, the latest version of each, or the versions of one",
  flags: { name: text({ short: "n", help: "every version of this environment, newest first", valueName: "NAME" }) },
  examples: [
    ["switchyard environment list", "names and versions"],
    ["switchyard environment list -n sklearn", "its versions"],
  ],
  async act({ connect, flags, out, workspace }) {
    const api = await connect();
    const params = { workspace: await workspace() };
    const environments =
      flags.name === undefined
        ? await api.listEnvironments({ params })
        : await api.listEnvironmentVersions({ params: { ...params, name: flags.name } });
    await out.result(environments, {
      rows: () =>
        environments.map(({ name, version, definition, createdUtc }) => ({
          name,
          version,
          kind: definition.python.userManagedDependencies ? "user-managed" : "system-managed",
          created: localTime(createdUtc),
        })),
    });
  },
});
