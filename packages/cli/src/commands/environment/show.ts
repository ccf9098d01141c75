import { defineCommand } from "../../command.ts";
import { listing } from "../../output/table.ts";
import { localTime } from "../../output/words.ts";
import { ENVIRONMENT_FLAGS } from "./which.ts";

export const showEnvironment = defineCommand({
  summary: "Show one version of an environment",
  flags: ENVIRONMENT_FLAGS,
  examples: [["switchyard environment show -n sklearn -v 2", "its definition"]],
  async act({ connect, flags, out, workspace }) {
    const params = { workspace: await workspace(), name: flags.name };
    const environment = await (await connect()).getEnvironment({
      params,
      query: flags.version === undefined ? {} : { version: flags.version },
    });
    await out.result(environment, {
      human: async () => {
        const { toYaml } = await import("../../output/yaml.ts");
        const { name, version, hash, createdUtc, definition } = environment;
        const facts = listing([
          ["Name", name],
          ["Version", version],
          ["Hash", hash],
          ["Created", localTime(createdUtc)],
        ]);
        return `${facts}\n\n${toYaml(definition)}`;
      },
    });
  },
});
