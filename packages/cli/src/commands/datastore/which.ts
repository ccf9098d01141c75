import type { Context } from "../../command.ts";
import { text } from "../../flags.ts";
import type { Client } from "../../world.ts";

/** Which datastore a command is about. */
export const DATASTORE_NAME = { name: text({ short: "n", required: true, help: "name of the datastore", valueName: "NAME" }) };
/** Some commands mean the default one when none is named. */
export const DATASTORE_OR_DEFAULT = {
  name: text({ short: "n", help: "name of the datastore; the default one when absent", valueName: "NAME" }),
};

export interface DatastoreParams {
  readonly workspace: string;
  readonly name: string;
}

/** The client and the datastore that the command line names, or the default one. */
export async function namedDatastore(
  context: Pick<Context, "connect" | "workspace"> & { readonly flags: { readonly name: string | undefined } },
): Promise<{ readonly api: Client; readonly params: DatastoreParams }> {
  const workspace = await context.workspace();
  const api = await context.connect();
  const name = context.flags.name ?? (await api.getDefaultDatastore({ params: { workspace } })).name;
  return { api, params: { workspace, name } };
}
