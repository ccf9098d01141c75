import { NotImplemented } from "@switchyard/protocol/errors";
import { defineCommand } from "../../command.ts";
import { text, toggle } from "../../flags.ts";
import { namedWorkspace } from "./which.ts";

const WHERE =
  "A server listens on 127.0.0.1 unless `switchyard up --host` says otherwise: who can reach that address is the network's matter";

/** `workspace private-endpoint list`: there are none. */
export const listPrivateEndpoints = defineCommand({
  summary: "List private endpoints of a workspace: there are none",
  description: WHERE,
  examples: [["switchyard workspace private-endpoint list -w vision", "always empty"]],
  async act({ connect, out, workspace }) {
    await (await connect()).getWorkspace({ params: { workspace: await workspace() } });
    await out.result([]);
  },
});

export const addPrivateEndpoint = refusal("add");
export const deletePrivateEndpoint = refusal("delete");

function refusal(verb: "add" | "delete") {
  return defineCommand({
    summary: `${verb === "add" ? "Add" : "Delete"} a private endpoint: not in this version`,
    description: WHERE,
    flags: {
      peName: text({ help: "its name", valueName: "NAME" }),
      peVnetName: text({ help: "virtual network", valueName: "NAME" }),
      peSubnetName: text({ help: "subnet", valueName: "NAME" }),
      peResourceGroup: text({ help: "resource group", valueName: "NAME" }),
      peSubscriptionId: text({ help: "subscription", valueName: "ID" }),
      peLocation: text({ help: "location", valueName: "PLACE" }),
      peAutoApproval: toggle({ help: "without asking" }),
      yes: toggle({ short: "y", help: "do not ask" }),
    },
    examples: [["switchyard up --host 10.0.0.5", "what there is instead: listen on an address of the private network alone"]],
    async act(context) {
      throw new NotImplemented(`${namedWorkspace(context)} has no private endpoints: they are not in this version. ${WHERE}.`, {
        details: { feature: "Private endpoints" },
      });
    },
  });
}
