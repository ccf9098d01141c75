import { BadRequest } from "@switchyard/protocol/errors";
import { defineCommand } from "../../command.ts";
import { text } from "../../flags.ts";
import { SecretReader } from "../../secrets/secretReader.ts";
import { SECRET_NAME } from "./which.ts";

export const setSecret = defineCommand({
  summary: "Set a secret of the workspace, which its runs read by name",
  flags: {
    name: SECRET_NAME,
    value: text({
      help: "the secret; - reads it from standard input. On a terminal you are asked when it is left out",
      valueName: "VALUE",
    }),
  },
  examples: [
    ["switchyard secret set -n api-key", "you are asked, and type unseen"],
    ["switchyard secret set -n api-key --value - < key.txt", "from a file"],
  ],
  async act(context) {
    const { connect, flags, out, workspace } = context;
    const reader = new SecretReader(context);
    const given = await reader.read({ typed: flags.value, option: "--value", variable: "SWITCHYARD_SECRET" });
    if (given === undefined && !reader.canAsk) throw new BadRequest("Which value? Give `--value -` to read it from standard input.");
    const value = given ?? (await reader.ask(`Value of ${flags.name}: `));
    await (await connect()).setSecrets({ params: { workspace: await workspace() }, body: { secrets: { [flags.name]: value } } });
    await out.result({ name: flags.name }, { human: () => `Set ${flags.name}.` });
  },
});
