import type { RegisteredDataset } from "@switchyard/protocol";
import { BadRequest, NotFound } from "@switchyard/protocol/errors";
import type { Context } from "../../command.ts";
import { text } from "../../flags.ts";
import type { Client } from "../../world.ts";

/** Which dataset a command is about: by its name, or by the id of any version. */
export const DATASET_FLAGS = {
  name: text({ short: "n", help: "name of the dataset", valueName: "NAME" }),
  id: text({ short: "i", help: "id of the dataset", valueName: "ID" }),
};

type NamesDataset = Pick<Context, "connect" | "workspace"> & {
  readonly flags: { readonly name: string | undefined; readonly id: string | undefined; readonly version?: string | undefined };
};

/** The client and the registered dataset that the command line names. */
export async function namedDataset(
  context: NamesDataset,
): Promise<{ readonly api: Client; readonly workspace: string; readonly dataset: RegisteredDataset }> {
  const { name, id, version } = context.flags;
  if ((name === undefined) === (id === undefined)) throw new BadRequest("Which dataset? Give its name with -n NAME, or its id with -i ID.");
  const workspace = await context.workspace();
  const api = await context.connect();
  if (name !== undefined) {
    const query = version === undefined ? {} : { version };
    return { api, workspace, dataset: await api.getRegisteredDataset({ params: { workspace, name }, query }) };
  }
  const { registration } = await api.getDataset({ params: { workspace, datasetId: id! } });
  if (registration === null) throw new NotFound(`The dataset ${id} is not registered under a name.`);
  return { api, workspace, dataset: registration };
}
