import { BadRequest } from "@switchyard/protocol/errors";
import { defineCommand } from "../../command.ts";
import { text, toggle } from "../../flags.ts";
import { sayWhoAnswers } from "./answering.ts";

const OURS = "azure-cli-ml";
const NAME = text({ short: "n", help: "name of the extension", valueName: "NAME" });
const HELP = `the commands of ${OURS} are Switchyard's own, so there is nothing to install`;

/** What `az extension show` would say of the commands that Switchyard brings. */
async function ours() {
  const { VERSION } = await import("../../version.ts");
  return { name: OURS, version: VERSION, extensionType: "switchyard", preview: false };
}

function checked(name: string | undefined): void {
  if (name === OURS) return;
  const v2 = name === "ml" ? " It is the command line of Azure ML v2; Switchyard speaks that of v1." : "";
  throw new BadRequest(
    `Extensions belong to the Azure CLI, which is not on PATH; Switchyard brings ${OURS} alone, not "${name ?? ""}".${v2}`,
  );
}

function changing(verb: string, said: string) {
  return defineCommand({
    summary: `${verb[0]!.toUpperCase()}${verb.slice(1)} an extension: ${HELP}`,
    flags: {
      name: NAME,
      source: text({ short: "s", help: "accepted" }),
      version: text({ help: "accepted" }),
      upgrade: toggle({ short: "U", help: "accepted" }),
      yes: toggle({ short: "y", help: "accepted" }),
    },
    examples: [[`az extension ${verb} -n ${OURS}`, "does nothing, and says so"]],
    async act(context) {
      checked(context.flags.name);
      context.out.note(`${OURS}: ${said}; \`az ml\` is answered by Switchyard.`);
    },
  });
}

export const azExtensionAdd = changing("add", "there is nothing to install");
export const azExtensionUpdate = changing("update", "there is nothing to update");
export const azExtensionRemove = changing("remove", "there is nothing to remove");

export const azExtensionList = defineCommand({
  summary: "List extensions: the commands of azure-cli-ml, which are Switchyard's own",
  examples: [["az extension list -o table", "one"]],
  async act(context) {
    sayWhoAnswers(context);
    await context.out.result([await ours()]);
  },
});

export const azExtensionShow = defineCommand({
  summary: "Show an extension: azure-cli-ml, whose commands are Switchyard's own",
  flags: { name: NAME },
  examples: [[`az extension show -n ${OURS}`, "the version of Switchyard"]],
  async act({ flags, out }) {
    checked(flags.name);
    await out.result(await ours());
  },
});
