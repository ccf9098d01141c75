import { defineCommand } from "../../command.ts";
import { text, toggle } from "../../flags.ts";
import { sayWhoAnswers, theAccount } from "./answering.ts";

export const azAccountShow = defineCommand({
  summary: "Show the one subscription of this server",
  examples: [["az account show --query id -o tsv", "its id"]],
  async act(context) {
    const account = await theAccount(context);
    sayWhoAnswers(context);
    await context.out.result(account);
  },
});

export const azAccountList = defineCommand({
  summary: "List the one subscription of this server",
  flags: { all: toggle({ help: "accepted; there is one" }), refresh: toggle({ help: "accepted" }) },
  examples: [["az account list -o table", "its name and id"]],
  async act(context) {
    const account = await theAccount(context);
    sayWhoAnswers(context);
    await context.out.result([account]);
  },
});

export const azAccountSet = defineCommand({
  summary: "Choose a subscription: a server is one, whatever it is called",
  examples: [["az account set -s SUBSCRIPTION", "warns when this server's has another id"]],
  flags: {
    subscription: text({
      short: "s",
      aliases: ["name", "subscription-id"],
      required: true,
      help: "name or id of the subscription",
      valueName: "ID",
    }),
  },
  async act(context) {
    const { id, name } = await theAccount(context);
    sayWhoAnswers(context);
    const asked = context.flags.subscription;
    if (asked !== id && asked !== name) context.out.warn(`This server's one subscription is ${id}, not ${asked}; it stays chosen.`);
  },
});
