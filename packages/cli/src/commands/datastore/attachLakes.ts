import { defineCommand } from "../../command.ts";
import { text } from "../../flags.ts";
import { ATTACH_FLAGS, attachDatastore, PRINCIPAL_FLAGS } from "./attach.ts";

const AS_RECORD = "This version keeps it by name and does not reach its files";

export const attachAdls = defineCommand({
  summary: "Register a Data Lake Store of the first generation, as a record",
  description: AS_RECORD,
  flags: { ...ATTACH_FLAGS, ...PRINCIPAL_FLAGS, storeName: text({ short: "c", required: true, help: "the store", valueName: "NAME" }) },
  examples: [["switchyard datastore attach-adls -n lake -c store --tenant-id T --client-id C --client-secret -", "its secret is sealed"]],
  async act(context) {
    const { storeName, tenantId, clientId, clientSecret, resourceUrl, authorityUrl, subscriptionId, resourceGroup } = context.flags;
    const settings = { storeName, tenantId, clientId, resourceUrl, authorityUrl, subscriptionId, resourceGroup };
    await attachDatastore(context, "azureDataLake", settings, { clientSecret });
  },
});

export const attachAdlsGen2 = defineCommand({
  summary: "Register a Data Lake Storage of the second generation, as a record",
  description: AS_RECORD,
  flags: {
    ...ATTACH_FLAGS,
    ...PRINCIPAL_FLAGS,
    accountName: text({ short: "a", required: true, help: "storage account", valueName: "NAME" }),
    fileSystem: text({ short: "c", required: true, help: "file system", valueName: "NAME" }),
  },
  examples: [["switchyard datastore attach-adls-gen2 -n lake -a account -c files", "keeps it by name"]],
  async act(context) {
    const {
      accountName,
      fileSystem: filesystem,
      tenantId,
      clientId,
      clientSecret,
      resourceUrl,
      authorityUrl,
      endpoint,
      protocol,
    } = context.flags;
    const settings = { accountName, filesystem, tenantId, clientId, resourceUrl, authorityUrl, endpoint, protocol };
    await attachDatastore(context, "azureDataLakeGen2", settings, { clientSecret });
  },
});

export const attachDbfs = defineCommand({
  summary: "Register the file system of a Databricks workspace, as a record",
  description: AS_RECORD,
  flags: ATTACH_FLAGS,
  examples: [["switchyard datastore attach-dbfs -n dbfs", "keeps it by name"]],
  async act(context) {
    await attachDatastore(context, "dbfs", {}, {});
  },
});
