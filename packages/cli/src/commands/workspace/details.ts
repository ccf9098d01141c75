import type { Workspace } from "@switchyard/protocol";
import { type FlagValues, tags, text } from "../../flags.ts";
import type { Output } from "../../output/output.ts";
import { listing } from "../../output/table.ts";
import { localTime } from "../../output/words.ts";

/** What may be said of a workspace, when it is made and later. */
export const DETAIL_FLAGS = {
  friendlyName: text({ short: "f", help: "name to show", valueName: "NAME" }),
  description: text({ short: "d", help: "what it is for" }),
  tags: tags({ many: true, help: "tags, KEY=VALUE; several after one another" }),
};

/** The part of a request that these flags make; a tag without a value has the empty one. */
export function detailsOf({ friendlyName, description, tags: typed }: FlagValues<typeof DETAIL_FLAGS>) {
  const named = Object.entries(typed).map(([key, value]) => [key, value ?? ""] as const);
  return {
    ...(friendlyName === undefined ? {} : { friendlyName }),
    ...(description === undefined ? {} : { description }),
    ...(named.length === 0 ? {} : { tags: Object.fromEntries(named) }),
  };
}

/** One workspace as a person reads it. */
export async function showWorkspaceText(out: Output, workspace: Workspace): Promise<void> {
  await out.result(workspace, {
    human: () =>
      listing([
        ["Workspace", workspace.name],
        ["Name to show", workspace.friendlyName],
        ["Description", workspace.description],
        ["Location", workspace.location],
        ["Id", workspace.workspaceId],
        ["Subscription", workspace.subscriptionId],
        ["Resource group", workspace.resourceGroup],
        ["Created", localTime(workspace.createdUtc)],
        ["Tags", workspace.tags],
      ]),
  });
}
