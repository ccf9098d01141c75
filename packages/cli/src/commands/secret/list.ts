import { defineCommand } from "../../command.ts";
import { localTime } from "../../output/words.ts";

export const listSecrets = defineCommand({
  summary: "List the secrets of the workspace, without their values",
  examples: [["switchyard secret list", "names, and when each was set"]],
  async act({ connect, out, workspace }) {
    const secrets = await (await connect()).listSecrets({ params: { workspace: await workspace() } });
    await out.result(secrets, { rows: () => secrets.map(({ name, modifiedUtc }) => ({ name, set: localTime(modifiedUtc) })) });
  },
});
