import { defineCommand } from "../../command.ts";
import { text, toggle } from "../../flags.ts";
import { readPublicKey } from "../../secrets/publicKey.ts";
import { ABOUT_FLAGS, aboutOf, NO_WAIT } from "./about.ts";
import { CREATING, finishMaking } from "./provision.ts";

export const createComputeInstance = defineCommand({
  summary: "Create a compute instance: one person's machine, started and stopped by hand",
  description: "It takes runs of its owner alone, two for each core at once, each on one node. It never stops by itself",
  flags: {
    ...ABOUT_FLAGS,
    vmSize: text({ short: "s", help: "size of the machine; default: STANDARD_NC6", valueName: "SIZE" }),
    assignedUser: text({ help: "whose machine it is; default: yours", valueName: "USER" }),
    sshPublicAccess: toggle({ help: "open SSH to it; kept with the target" }),
    adminUserSshPublicKey: text({ help: "public key for SSH: the text, or a file", valueName: "KEY" }),
    vnetName: text({ help: "virtual network; kept with the target", valueName: "NAME" }),
    vnetResourcegroupName: text({ help: "resource group of that network; kept with the target", valueName: "NAME" }),
    subnetName: text({ help: "subnet; kept with the target", valueName: "NAME" }),
    noWait: NO_WAIT,
  },
  examples: [
    ["switchyard computetarget create computeinstance -n my-instance -s STANDARD_D2_V2", "then: submit --target my-instance train.py"],
    ["switchyard computetarget create computeinstance -n adas --assigned-user ada", "for somebody else"],
  ],
  async act(context) {
    const { flags, world } = context;
    const key = flags.adminUserSshPublicKey;
    const settings = {
      vmSize: flags.vmSize,
      assignedUser: flags.assignedUser,
      sshPublicAccess: flags.sshPublicAccess,
      adminUserSshPublicKey: key === undefined ? undefined : await readPublicKey(key, world),
      vnetName: flags.vnetName,
      vnetResourcegroupName: flags.vnetResourcegroupName,
      subnetName: flags.subnetName,
    };
    const workspace = await context.workspace();
    const api = await context.connect();
    const made = await api.createTarget({ params: { workspace }, body: { type: "computeinstance", ...aboutOf(flags), settings } });
    return finishMaking(context, api, { workspace, name: made.name }, made, CREATING, !flags.noWait);
  },
});
