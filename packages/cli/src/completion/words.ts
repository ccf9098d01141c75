import type { AnyCommand } from "../command.ts";
import { type Flag, longName } from "../flags.ts";
import { GLOBAL_FLAGS } from "../globals.ts";
import { loadCommands } from "../help.ts";

/** For every beginning of a command ("", "run", "run list"): the words that may come next. */
export type CompletionWords = ReadonlyMap<string, readonly string[]>;

/** Gathers commands, groups and options from the definitions. */
export async function completionWords(): Promise<CompletionWords> {
  const words = new Map<string, Set<string>>();
  const add = (before: string, word: string) => {
    const known = words.get(before) ?? new Set();
    words.set(before, known.add(word));
  };
  for (const [name, command] of await loadCommands()) {
    const parts = name.split(" ");
    for (const [i, part] of parts.entries()) add(parts.slice(0, i).join(" "), part);
    for (const option of optionsOf(command)) add(name, option);
  }
  return new Map([...words].map(([before, next]) => [before, [...next].sort()]));
}

function optionsOf(command: AnyCommand): string[] {
  const flags: Readonly<Record<string, Flag<unknown>>> = { ...GLOBAL_FLAGS, ...command.flags };
  return ["--help", ...Object.entries(flags).map(([key, flag]) => `--${longName(key, flag)}`)];
}
