import { BadRequest } from "@switchyard/protocol/errors";
import { nearestOf } from "@switchyard/protocol/nearest";
import { refuseKind } from "./computeKinds.ts";
import { type Flag, longName } from "./flags.ts";
import { GLOBAL_FLAGS } from "./globals.ts";
import { NOT_YET, refuseNotYet } from "./notYet.ts";
import { refuseV2 } from "./v2Words.ts";

/** Which command a command line names, and what is left of it. */
export type Resolved =
  | { readonly kind: "command"; readonly name: string; readonly rest: string[] }
  /** help of a group, or of the program when `group` is empty; `asked`: --help was typed */
  | { readonly kind: "help"; readonly group: string; readonly asked: boolean }
  | { readonly kind: "version" };

/** Older spellings of a command's name. */
export const ALIASES: Readonly<Record<string, string>> = {
  "az configure": "configure",
  "computetarget computeinstance restart": "computetarget restart",
  "computetarget computeinstance start": "computetarget start",
  "computetarget computeinstance stop": "computetarget stop",
  "project attach": "folder attach",
  "run submit": "run submit-script",
};

const GLOBAL_NAMES = new Set(Object.entries(GLOBAL_FLAGS).flatMap(([key, flag]) => namesOf(key, flag)));

/** Finds the command in `argv`; options that every command takes may stand before its name, and `ml` or `az ml`. */
export function resolve(argv: readonly string[], names: readonly string[]): Resolved {
  if (argv[0] === "help") return resolve([...argv.slice(1), "--help"], names);
  const rest = [...argv];
  const words: string[] = [];
  for (let i = 0; i < rest.length; ) {
    const token = rest[i]!;
    if (token === "--version" && ["", "az"].includes(words.join(" "))) return { kind: "version" };
    if (token === "--help" || token === "-h") return { kind: "help", group: groupOf(words.join(" "), names), asked: true };
    if (token.startsWith("-")) {
      i += isGlobal(token) && takesNext(token) ? 2 : 1;
      continue;
    }
    words.push(token);
    rest.splice(i, 1);
    const typed = words.join(" ");
    if (typed === "ml" || typed === "az ml") {
      words.length = 0;
      continue;
    }
    const name = ALIASES[typed] ?? typed;
    if (names.includes(name)) {
      const longer = refuseNotYet(`${name} ${rest[i]}`);
      if (longer) throw longer;
      return { kind: "command", name, rest };
    }
    const refusal = refuseNotYet(name);
    if (refusal) throw refusal;
    if (!isGroup(typed, names)) throw refuseKind(words) ?? refuseV2(words[0]) ?? unknownCommand(words, names);
  }
  return { kind: "help", group: groupOf(words.join(" "), names), asked: false };
}

export function isGroup(words: string, names: readonly string[]): boolean {
  return [...names, ...Object.keys(ALIASES), ...Object.keys(NOT_YET)].some((name) => name.startsWith(`${words} `));
}

/** The group that these words mean: themselves, else that of a command they are an older spelling of. */
function groupOf(words: string, names: readonly string[]): string {
  if (words === "" || [...names, ...Object.keys(NOT_YET)].some((name) => name.startsWith(`${words} `))) return words;
  const meant = Object.entries(ALIASES).find(([alias]) => alias.startsWith(`${words} `))?.[1];
  return meant === undefined ? words : meant.slice(0, meant.lastIndexOf(" "));
}

/** Refuses an option that stands before the command and is not one of every command: its value would be taken for a command. */
function isGlobal(token: string): true {
  const name = token.split("=")[0]!;
  if (GLOBAL_NAMES.has(name)) return true;
  const near = nearestOf(name, GLOBAL_NAMES);
  throw new BadRequest(
    `There is no option ${name} before a command.${near ? ` Did you mean ${near}?` : ""} Options of one command stand after its name.`,
  );
}

/** Whether a global option's value is the next word of the command line. */
function takesNext(token: string): boolean {
  return (
    !token.includes("=") &&
    Object.entries(GLOBAL_FLAGS).some(([key, flag]) => flag.valueName !== null && namesOf(key, flag).includes(token))
  );
}

function namesOf(key: string, flag: Flag<unknown>): string[] {
  return [`-${flag.short}`, `--${longName(key, flag)}`, ...flag.aliases.map((alias) => `--${alias}`)];
}

function unknownCommand(words: readonly string[], there: readonly string[]): BadRequest {
  if (words[0] === "az") return notAzure(words, there);
  const names = [...there, ...Object.keys(ALIASES), ...Object.keys(NOT_YET)];
  const typed = words.join(" ");
  const group = words.slice(0, -1).join(" ");
  const known = names.filter((name) => group === "" || name.startsWith(`${group} `));
  const level = new Set(known.map((name) => name.split(" ").slice(0, words.length).join(" ")));
  const sameVerb = names.find((name) => name.split(" ").at(-1) === words.at(-1));
  const meant = nearestOf(typed, level) ?? sameVerb;
  const help = `switchyard ${group === "" ? "" : `${group} `}--help`;
  return new BadRequest(
    `There is no command "switchyard ${typed}".${meant ? ` Did you mean "switchyard ${meant}"?` : ""} \`${help}\` lists the commands.`,
  );
}

function notAzure(words: readonly string[], names: readonly string[]): BadRequest {
  const answered = new Set([
    "az ml",
    ...names.filter((name) => name.startsWith("az ")).map((name) => name.split(" ").slice(0, words.length).join(" ")),
  ]);
  const meant = nearestOf(words.join(" "), answered);
  return new BadRequest(
    `\`${words.join(" ")}\` is a command of the Azure CLI, which is not on PATH, and nothing that Switchyard answers in its place. ${meant ? `Did you mean \`${meant}\`? ` : ""}` +
      "Install the Azure CLI, or see `az --help` for what is answered.",
  );
}
