import { defineCommand } from "../../command.ts";
import { localTime } from "../../output/words.ts";

export const listEnvironments = defineCommand({
  summary: "List environments, the latest version of each",
  examples: [["switchyard environment list", "names and versions"]],
  async act({ connect, out, workspace }) {
    const environments = await (await connect()).listEnvironments({ params: { workspace: await workspace() } });
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
