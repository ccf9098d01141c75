import { computeKind } from "@switchyard/protocol/computeKinds";
import { BadRequest } from "@switchyard/protocol/errors";
import type { Context } from "../../command.ts";
import { kindOfWord } from "../../computeKinds.ts";
import { text } from "../../flags.ts";
import type { Client } from "../../world.ts";

/** A command about one target takes its name with -n or as a word; scripts of Azure ML v1 write its kind there. */
export const TARGET_ARGS = { target: { optional: "name of the compute target; beside -n its kind, as Azure ML v1 writes it" } } as const;
export const TARGET_FLAGS = { name: text({ short: "n", help: "name of the compute target", valueName: "NAME" }) };

export interface TargetParams {
  readonly workspace: string;
  readonly name: string;
}

type NamesTarget = Pick<Context, "workspace" | "connect"> & {
  readonly args: { readonly target: string | undefined };
  readonly flags: { readonly name: string | undefined };
};

/** The client and the path parameters of the target that the command line names. */
export async function namedTarget(context: NamesTarget): Promise<{ api: Client; params: TargetParams }> {
  const { name, kindWord } = nameOf(context);
  const params = { workspace: await context.workspace(), name };
  const api = await context.connect();
  if (kindWord !== null) await requireKind(api, params, kindWord);
  return { api, params };
}

function nameOf({ args, flags }: NamesTarget): { name: string; kindWord: string | null } {
  const word = args.target;
  const isKind = word !== undefined && kindOfWord(word) !== null;
  if (flags.name !== undefined) {
    if (word !== undefined && !isKind) {
      throw new BadRequest(`Two compute targets are named, ${word} and ${flags.name}. This command is about one.`);
    }
    return { name: flags.name, kindWord: word ?? null };
  }
  // "local" is a kind and the one target of it
  if (word !== undefined && (!isKind || word.toLowerCase() === "local")) return { name: word, kindWord: null };
  throw new BadRequest("Which compute target? Give its name with -n NAME; `switchyard computetarget list` shows them.");
}

async function requireKind(api: Client, params: TargetParams, word: string): Promise<void> {
  const wanted = kindOfWord(word)!;
  const { name, type } = await api.getTarget({ params, query: { check: false } });
  if (type === wanted) return;
  const title = kindOfWord(type) === null ? type : computeKind(kindOfWord(type)!).title;
  throw new BadRequest(`"${name}" is no ${computeKind(wanted).title} (${word}), but a ${title} (${type}). Leave the word ${word} out.`);
}
