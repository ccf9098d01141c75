import { BadRequest } from "@switchyard/protocol/errors";
import type { Context } from "../../command.ts";
import { text } from "../../flags.ts";

/** A command about one version takes its id as a word or with -i. */
export const MODEL_ARGS = { id: { optional: "the model as NAME:VERSION (or give it with -i)" } } as const;
export const MODEL_ID = { modelId: text({ short: "i", help: "the model as NAME:VERSION", valueName: "ID" }) };

interface NamesModel extends Pick<Context, "workspace"> {
  readonly args: { readonly id: string | undefined };
  readonly flags: { readonly modelId: string | undefined };
}

/** The path parameters of the version that the command line names. */
export async function modelParams(context: NamesModel): Promise<{ workspace: string; name: string; version: number }> {
  const { args, flags } = context;
  if (args.id !== undefined && flags.modelId !== undefined && args.id !== flags.modelId) {
    throw new BadRequest(`Two models are named, ${args.id} and ${flags.modelId}. This command is about one.`);
  }
  const id = args.id ?? flags.modelId;
  if (id === undefined) throw new BadRequest("Which model? Give it as NAME:VERSION with -i; `switchyard model list` shows them.");
  return { workspace: await context.workspace(), ...partsOf(id) };
}

/** Name and version of an id. */
export function partsOf(id: string): { name: string; version: number } {
  const [, name, version] = /^([^:]+):(\d{1,9})$/.exec(id) ?? [];
  if (name !== undefined && version !== undefined) return { name, version: Number(version) };
  throw new BadRequest(`"${id}" is not the id of a model. Write NAME:VERSION, such as digits:3; \`switchyard model list\` shows them.`);
}
