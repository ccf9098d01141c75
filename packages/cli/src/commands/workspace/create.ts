import { BadRequest } from "@switchyard/protocol/errors";
import { defineCommand } from "../../command.ts";
import { text, toggle } from "../../flags.ts";
import { DETAIL_FLAGS, detailsOf, showWorkspaceText } from "./details.ts";

const ACCEPTED = "accepted for scripts of Azure ML v1";
const RESOURCE = { help: `${ACCEPTED}; this server keeps bytes, secrets and logs itself`, valueName: "ID" };

export const createWorkspace = defineCommand({
  summary: "Create a workspace",
  flags: {
    name: text({ short: "n", help: "name of the workspace (or give it with -w)", valueName: "NAME" }),
    ...DETAIL_FLAGS,
    location: text({ short: "l", help: "where it is, for your own records", valueName: "PLACE" }),
    sku: text({ help: "basic or enterprise, for your own records; both can do the same here", valueName: "SKU" }),
    existOk: toggle({ help: "a workspace that exists is no error" }),
    storageAccount: text(RESOURCE),
    keyvault: text(RESOURCE),
    applicationInsights: text(RESOURCE),
    containerRegistry: text(RESOURCE),
    cmkKeyvault: text({ help: `${ACCEPTED}; encryption with a key of your own is the disk's matter`, valueName: "ID" }),
    resourceCmkUri: text({ help: `${ACCEPTED}; as --cmk-keyvault`, valueName: "URI" }),
    hbiWorkspace: toggle({ help: `${ACCEPTED}; this server sends nothing to anybody` }),
    yes: toggle({ short: "y", help: `${ACCEPTED}; nothing is asked` }),
  },
  examples: [
    ["switchyard workspace create -w vision", "runs of -w vision are kept apart from others"],
    ["switchyard workspace create -w vision -g team -l westeurope --exist-ok", "as in scripts of Azure ML v1"],
  ],
  async act({ connect, flags, global, out }) {
    const name = flags.name ?? global.workspace;
    if (name === undefined) throw new BadRequest("Which workspace? Give its name with -w NAME.");
    if (flags.name !== undefined && global.workspace !== undefined && flags.name !== global.workspace) {
      throw new BadRequest(`Two workspaces are named, ${flags.name} and ${global.workspace}. Give one name.`);
    }
    for (const key of ["storageAccount", "keyvault", "applicationInsights", "containerRegistry"] as const) {
      if (flags[key] !== undefined) out.warn(`${flags[key]} is not used: this server keeps bytes, secrets and logs itself.`);
    }
    if (flags.cmkKeyvault !== undefined || flags.resourceCmkUri !== undefined) {
      out.warn("Nothing is encrypted with a key of your own: the server's data is protected by the disk it lies on.");
    }
    const { location, sku, existOk } = flags;
    const workspace = await (await connect()).createWorkspace({ body: { name, existOk, ...detailsOf(flags), location, sku } });
    await showWorkspaceText(out, workspace);
  },
});
