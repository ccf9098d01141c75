import { defineCommand } from "../../command.ts";

export const azVersion = defineCommand({
  summary: "Show versions: of Switchyard, which answers because there is no Azure CLI",
  examples: [["az version", "the version of Switchyard"]],
  async act({ out }) {
    const { VERSION } = await import("../../version.ts");
    await out.result({ switchyard: VERSION, extensions: { "azure-cli-ml": VERSION } });
  },
});
