import { defineCommand } from "../../command.ts";
import { text } from "../../flags.ts";
import { ATTACH_FLAGS, attachDatastore } from "./attach.ts";

const ACCOUNT_FLAGS = {
  ...ATTACH_FLAGS,
  accountName: text({ short: "a", required: true, help: "storage account", valueName: "NAME" }),
  accountKey: text({
    short: "k",
    help: "key of the account; - reads it from standard input; else SWITCHYARD_ACCOUNT_KEY",
    valueName: "KEY",
  }),
  sasToken: text({ help: "shared access signature; - reads it from standard input; else SWITCHYARD_SAS_TOKEN", valueName: "TOKEN" }),
} as const;

export const attachBlob = defineCommand({
  summary: "Register a container of Azure Blob storage",
  description: "Without a key and a signature it is read anonymously; with one of them it is written as well",
  flags: { ...ACCOUNT_FLAGS, containerName: text({ short: "c", required: true, help: "container", valueName: "NAME" }) },
  examples: [["switchyard datastore attach-blob -n public -a pipelinedata -c sampledata", "a container that everybody may read"]],
  async act(context) {
    const { accountName, containerName, endpoint, protocol, subscriptionId, resourceGroup, accountKey, sasToken } = context.flags;
    const settings = { accountName, containerName, endpoint, protocol, subscriptionId, resourceGroup };
    await attachDatastore(context, "azureBlob", settings, { accountKey, sasToken });
  },
});

export const attachFile = defineCommand({
  summary: "Register a file share of Azure, as a record",
  description: "This version keeps it by name and does not reach its files",
  flags: { ...ACCOUNT_FLAGS, shareName: text({ short: "c", required: true, help: "file share", valueName: "NAME" }) },
  examples: [["switchyard datastore attach-file -n share -a account -c files", "keeps it by name"]],
  async act(context) {
    const { accountName, shareName: fileShareName, endpoint, protocol, accountKey, sasToken } = context.flags;
    await attachDatastore(context, "azureFile", { accountName, fileShareName, endpoint, protocol }, { accountKey, sasToken });
  },
});

export const attachFolder = defineCommand({
  summary: "Register a folder of the server's machine, or of a disk that it shares",
  description: "The operator of the server names the folders that may be used, in the setting datastoreRoots",
  flags: { ...ATTACH_FLAGS, folder: text({ required: true, help: "absolute path on the server's machine", valueName: "FOLDER" }) },
  examples: [["switchyard datastore attach-folder -n shared --folder /mnt/shared/data", "what lies below it"]],
  async act(context) {
    await attachDatastore(context, "folder", { path: context.flags.folder }, {});
  },
});
