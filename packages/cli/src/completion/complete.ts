import type { AnyCommand } from "../command.ts";
import { COMMANDS } from "../commands/index.ts";
import { type Argument, type Flag, longName } from "../flags.ts";
import { GLOBAL_FLAGS } from "../globals.ts";
import { GROUPS } from "../help.ts";
import { ALIASES } from "../resolve.ts";
import type { World } from "../world.ts";
import { ARGUMENT_VALUES, type Kind, kindOfOption } from "./kinds.ts";
import { valuesOf } from "./values.ts";

/** Something that may stand in the place of the last word. */
export interface Candidate {
  readonly word: string;
  readonly about: string;
}
/** What a shell completes by itself: names of files. */
export const FILES: Candidate = { word: ":files", about: "" };

type Flags = Readonly<Record<string, Flag<unknown>>>;

/** What may stand in the place of the last of `words`, the words behind the program's name. `az` and `ml` may lead them. */
export async function complete(words: readonly string[], world: World): Promise<Candidate[]> {
  const before = joinEquals(words.slice(0, -1));
  const last = joinEquals(words).at(-1) ?? "";
  const typed = last === "=" ? "" : last;
  const { name, path, rest } = commandIn(before.at(-1)?.endsWith("=") ? before.slice(0, -1) : before);
  const command = name === null ? null : await COMMANDS[name]();
  const flags: Flags = { ...GLOBAL_FLAGS, ...command?.flags };
  const open = openOption(before, flags);
  const candidates = open
    ? await valuesFor(open, name, words, world)
    : typed.startsWith("-")
      ? optionsOf(flags, before)
      : command
        ? await positional(command, rest, words, world)
        : await nextWords(path);
  return candidates.filter((each) => each === FILES || each.word.startsWith(typed));
}

/** bash takes `--option=value` apart into three words. */
function joinEquals(words: readonly string[]): string[] {
  const joined: string[] = [];
  for (let i = 0; i < words.length; i++) {
    const word = words[i]!;
    if (word === "=" && joined.at(-1)?.startsWith("--")) joined.push(`${joined.pop()!}=`);
    else if (joined.at(-1)?.startsWith("--") && joined.at(-1)?.endsWith("=") && i < words.length - 1) joined.push(joined.pop()! + word);
    else joined.push(word);
  }
  return joined;
}

/** The command that these words name, or how far they got, and the words that are left without options. */
function commandIn(before: readonly string[]): { name: keyof typeof COMMANDS | null; path: string; rest: string[] } {
  const path: string[] = [];
  for (let i = 0; i < before.length; i++) {
    const word = before[i]!;
    if (word.startsWith("-")) {
      if (takesValue(word, GLOBAL_FLAGS)) i++;
      continue;
    }
    path.push(word);
    const typed = path.join(" ");
    if (typed === "ml" || typed === "az ml") path.length = 0;
    const name = ALIASES[typed] ?? typed;
    if (Object.hasOwn(COMMANDS, name)) return { name: name as keyof typeof COMMANDS, path: typed, rest: before.slice(i + 1) };
  }
  return { name: null, path: path.join(" "), rest: [] };
}

/** The option whose value the last word is. */
function openOption(before: readonly string[], flags: Flags): [key: string, flag: Flag<unknown>] | null {
  const word = before.at(-1);
  if (!word?.startsWith("-")) return null;
  const name = word.endsWith("=") ? word.slice(0, -1) : word;
  const found = Object.entries(flags).find(([key, flag]) => flag.valueName !== null && namesOf(key, flag).includes(name));
  return found ?? null;
}

const takesValue = (word: string, flags: Flags): boolean => openOption([word], flags) !== null && !word.includes("=");

function namesOf(key: string, flag: Flag<unknown>): string[] {
  return [`-${flag.short}`, ...[longName(key, flag), ...flag.aliases].map((long) => `--${long}`)];
}

function optionsOf(flags: Flags, before: readonly string[]): Candidate[] {
  const left = Object.entries(flags).filter(
    ([key, flag]) => flag.arity !== "once" || !namesOf(key, flag).some((each) => before.includes(each)),
  );
  const options = left.map(([key, flag]) => ({ word: `--${longName(key, flag)}`, about: flag.help }));
  return [...options, { word: "--help", about: "show help" }].sort((a, b) => (a.word < b.word ? -1 : 1));
}

async function valuesFor(
  [key, flag]: [string, Flag<unknown>],
  name: string | null,
  words: readonly string[],
  world: World,
): Promise<Candidate[]> {
  if (flag.choices) return flag.choices.map((word) => ({ word, about: "" }));
  return known(kindOfOption(longName(key, flag), name ?? "", flag.valueName), words, world);
}

/** What an argument without an option may be. */
async function positional(command: AnyCommand, rest: readonly string[], words: readonly string[], world: World): Promise<Candidate[]> {
  const keys = Object.entries(command.args);
  const given = rest.filter(
    (word, i) => !word.startsWith("-") && !takesValue(rest[i - 1] ?? "", { ...GLOBAL_FLAGS, ...command.flags }),
  ).length;
  const at = Math.min(given, keys.length - 1);
  const [key, argument] = keys[at] ?? [undefined, undefined];
  if (key === undefined || (given > at && !isRest(argument!))) return [];
  return known(ARGUMENT_VALUES[key] ?? "file", words, world);
}

const isRest = (argument: Argument): boolean => typeof argument !== "string" && "rest" in argument;

async function known(kind: Kind | null, words: readonly string[], world: World): Promise<Candidate[]> {
  if (kind === "file") return [FILES];
  return kind === null ? [] : valuesOf(kind, words, world);
}

/** The words that may follow a group, with what they are about; those of `az` only behind it. */
async function nextWords(path: string): Promise<Candidate[]> {
  const lead = path === "" ? "" : `${path} `;
  const next = new Map<string, string>();
  for (const name of Object.keys(COMMANDS) as (keyof typeof COMMANDS)[]) {
    if (!name.startsWith(lead)) continue;
    const [word, ...more] = name.slice(lead.length).split(" ") as [string, ...string[]];
    if (path === "" && word === "az") continue;
    if (more.length > 0) next.set(word, GROUPS[lead + word] ?? "");
    else next.set(word, path === "" ? "" : (await COMMANDS[name]()).summary);
  }
  if (path === "az") next.set("ml", "Machine learning: every command of Switchyard");
  return [...next].map(([word, about]) => ({ word, about }));
}
