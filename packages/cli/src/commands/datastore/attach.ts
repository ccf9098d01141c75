import type { NewDatastore } from "@switchyard/protocol";
import type { Context } from "../../command.ts";
import { text, toggle } from "../../flags.ts";
import { SecretReader } from "../../secrets/secretReader.ts";
import { datastoreText } from "./views.ts";

const ACCEPTED = "accepted for scripts of Azure ML v1";

/** What every command that registers a datastore takes. */
export const ATTACH_FLAGS = {
  name: text({ short: "n", required: true, help: "name of the datastore", valueName: "NAME" }),
  overwrite: toggle({ help: "replace the record of this name; its storage stays as it is" }),
  includeSecret: toggle({ help: `${ACCEPTED}; secrets are shown by no command but the server's own operation for them` }),
  protocol: text({ help: "https, unless the storage is reached otherwise", valueName: "PROTOCOL" }),
  endpoint: text({ help: "end of the storage's address: core.windows.net", valueName: "ENDPOINT" }),
  subscriptionId: text({ long: "storage-account-subscription-id", help: "for your own records", valueName: "ID" }),
  resourceGroup: text({ long: "storage-account-resource-group", help: "for your own records", valueName: "NAME" }),
} as const;

/** The service principal that data lakes and databases are opened with. */
export const PRINCIPAL_FLAGS = {
  tenantId: text({ help: "directory of the service principal", valueName: "ID" }),
  clientId: text({ help: "the service principal", valueName: "ID" }),
  clientSecret: text({ help: "its secret; - reads it from standard input; else SWITCHYARD_CLIENT_SECRET", valueName: "SECRET" }),
  resourceUrl: text({ help: "what is opened", valueName: "URL" }),
  authorityUrl: text({ help: "who vouches for the service principal", valueName: "URL" }),
} as const;

interface Typed {
  readonly name: string;
  readonly overwrite: boolean;
}

/** Options that hold a secret, and the variables that may hold it instead. */
const SECRETS = {
  accountKey: ["--account-key", "SWITCHYARD_ACCOUNT_KEY"],
  sasToken: ["--sas-token", "SWITCHYARD_SAS_TOKEN"],
  clientSecret: ["--client-secret", "SWITCHYARD_CLIENT_SECRET"],
  password: ["--password", "SWITCHYARD_PASSWORD"],
} as const;
type SecretName = keyof typeof SECRETS;

/** Registers a datastore of a kind. Of `secrets`, what the command line or the environment has is sealed by the server. */
export async function attachDatastore(
  context: Pick<Context, "connect" | "out" | "workspace" | "world"> & { readonly flags: Typed },
  kind: NewDatastore["kind"],
  settings: Readonly<Record<string, string | number | undefined>>,
  secrets: Readonly<Partial<Record<SecretName, string | undefined>>>,
): Promise<void> {
  const { flags, out } = context;
  const reader = new SecretReader(context);
  const secret: Partial<Record<SecretName, string>> = {};
  for (const [name, typed] of Object.entries(secrets) as [SecretName, string | undefined][]) {
    const [option, variable] = SECRETS[name];
    const value = await reader.read({ typed, option, variable });
    if (value !== undefined) secret[name] = value;
  }
  const given = Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined)) as Record<string, string | number>;
  const params = { workspace: await context.workspace() };
  const store = await (await context.connect()).registerDatastore({
    params,
    body: { name: flags.name, kind, settings: given, secret, overwrite: flags.overwrite },
  });
  if (store.because !== null) out.warn(store.because);
  await out.result(store, { human: () => datastoreText(store) });
}
