import { BadRequest } from "@switchyard/protocol/errors";
import { type Context, defineCommand } from "../../command.ts";
import { tags, text, toggle } from "../../flags.ts";
import { sayWhoAnswers, theAccount } from "./answering.ts";

const NAME = text({ short: "n", help: "name of the group (or give it with -g)", valueName: "NAME" });
const ONE = "A server is one resource group under every name that -g gives it.";

function nameOf({ flags, global }: Pick<Context<unknown, { name: string | undefined }>, "flags" | "global">): string {
  const name = flags.name ?? global.resourceGroup;
  if (name === undefined || name === "") throw new BadRequest("Which group? Give its name with -n NAME.");
  return name;
}

function groupNamed(name: string, subscriptionId: string, location: string | null, tagged: object | null) {
  const id = `/subscriptions/${subscriptionId}/resourceGroups/${name}`;
  const type = "Microsoft.Resources/resourceGroups";
  return { id, location, managedBy: null, name, properties: { provisioningState: "Succeeded" }, tags: tagged, type };
}

export const azGroupCreate = defineCommand({
  summary: "Create a resource group: a server is one, whatever it is called",
  flags: {
    name: NAME,
    location: text({ short: "l", help: "accepted", valueName: "PLACE" }),
    tags: tags({ many: true, help: "accepted" }),
  },
  examples: [["az group create -n team -l westeurope", "makes nothing, and says so"]],
  async act(context) {
    const { id } = await theAccount(context);
    const { location, tags: tagged } = context.flags;
    const name = nameOf(context);
    sayWhoAnswers(context, ONE);
    await context.out.result(groupNamed(name, id, location ?? null, Object.keys(tagged).length === 0 ? null : tagged));
  },
});

export const azGroupShow = defineCommand({
  summary: "Show a resource group: this server, under the name that is given",
  flags: { name: NAME },
  examples: [["az group show -n team", "this server"]],
  async act(context) {
    const { id } = await theAccount(context);
    sayWhoAnswers(context, ONE);
    await context.out.result(groupNamed(nameOf(context), id, null, null));
  },
});

export const azGroupExists = defineCommand({
  summary: "Tell whether a resource group exists: a server is one under every name",
  flags: { name: NAME },
  examples: [["az group exists -n team", "true"]],
  async act(context) {
    nameOf(context);
    sayWhoAnswers(context, ONE);
    await context.out.result(true);
  },
});

export const azGroupList = defineCommand({
  summary: "List resource groups: the one of this server",
  flags: { tag: text({ help: "accepted" }) },
  examples: [["az group list --query [].name -o tsv", "its name"]],
  async act(context) {
    const [workspace] = await (await context.connect()).listWorkspaces({});
    const { id } = await theAccount(context);
    sayWhoAnswers(context);
    await context.out.result([groupNamed(workspace!.resourceGroup, id, null, null)]);
  },
});

export const azGroupDelete = defineCommand({
  summary: "Delete a resource group: refused, because a server is one and it would be all of it",
  flags: { name: NAME, yes: toggle({ short: "y", help: "accepted" }), noWait: toggle({ help: "accepted" }) },
  examples: [["switchyard workspace delete -w NAME --all-resources", "what there is instead: one workspace"]],
  async act(context) {
    throw new BadRequest(
      `The group ${nameOf(context)} is this whole server, so it is not deleted. \`switchyard workspace delete -w NAME --all-resources\` deletes a workspace.`,
    );
  },
});
