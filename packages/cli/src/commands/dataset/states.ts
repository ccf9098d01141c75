import type { DatasetState } from "@switchyard/protocol";
import { defineCommand } from "../../command.ts";
import { text } from "../../flags.ts";
import { DATASET_FLAGS, namedDataset } from "./which.ts";

type Named = Parameters<typeof namedDataset>[0] & { readonly out: import("../../output/output.ts").Output };

async function change(context: Named, state: DatasetState, deprecatedBy: string | null, done: string): Promise<void> {
  const { api, workspace, dataset } = await namedDataset(context);
  const changed = await api.updateDataset({ params: { workspace, name: dataset.name }, body: { state, deprecatedBy } });
  await context.out.result(changed, { human: () => `${done} dataset "${dataset.name}" with all its versions.` });
}

export const archiveDataset = defineCommand({
  summary: "Leave a dataset out of lists, with all its versions",
  flags: DATASET_FLAGS,
  examples: [["switchyard dataset archive -n iris", "runs that name it go on to work"]],
  act: (context) => change(context, "archived", null, "Archived"),
});

export const deprecateDataset = defineCommand({
  summary: "Let whoever uses a dataset be warned, and told which one to use",
  flags: {
    ...DATASET_FLAGS,
    deprecateById: text({ short: "d", required: true, help: "id of the dataset to use instead", valueName: "ID" }),
  },
  examples: [["switchyard dataset deprecate -n iris -d ID", "runs that name it are warned"]],
  act: (context) => change(context, "deprecated", context.flags.deprecateById, "Deprecated"),
});

export const reactivateDataset = defineCommand({
  summary: "Take a dataset up again that was archived or deprecated",
  flags: DATASET_FLAGS,
  examples: [["switchyard dataset reactivate -n iris", "it is listed again"]],
  act: (context) => change(context, "active", null, "Reactivated"),
});

export const unregisterDataset = defineCommand({
  summary: "Forget the name of a dataset with all its versions; files and runs stay as they are",
  flags: DATASET_FLAGS,
  examples: [["switchyard dataset unregister -n iris", "the name is free again"]],
  async act(context) {
    const { api, workspace, dataset } = await namedDataset(context);
    await api.unregisterDataset({ params: { workspace, name: dataset.name } });
    await context.out.result({ unregistered: dataset.name }, { human: () => `Unregistered dataset "${dataset.name}".` });
  },
});
