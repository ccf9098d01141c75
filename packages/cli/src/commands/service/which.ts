import type { Context } from "../../command.ts";
import { text } from "../../flags.ts";
import type { Client } from "../../world.ts";

/** Which service a command is about. */
export const SERVICE_NAME = { name: text({ short: "n", required: true, help: "name of the web service", valueName: "NAME" }) };

/** The client and the service that the command line names. */
export async function namedService(
  context: Pick<Context, "connect" | "workspace"> & { readonly flags: { readonly name: string } },
): Promise<{ readonly api: Client; readonly params: { readonly workspace: string; readonly name: string } }> {
  return { api: await context.connect(), params: { workspace: await context.workspace(), name: context.flags.name } };
}
