import { BadRequest, SwitchyardError } from "@switchyard/protocol/errors";
import { Command, CommanderError, Option } from "commander";
import type { AnyCommand } from "./command.ts";
import { type Argument, type Flag, longName } from "./flags.ts";
import { GLOBAL_FLAGS, type GlobalValues } from "./globals.ts";

export interface Parsed {
  readonly args: Record<string, unknown>;
  readonly flags: Record<string, unknown>;
  readonly global: GlobalValues;
}

type Flags = Readonly<Record<string, Flag<unknown>>>;

/** Lines of a help text are at most as long: longer ones are hard to read. */
const WIDEST_HELP = 110;
const NARROWEST_HELP = 60; // below that the explanations have no room beside the options

/** Reads the words after a command's name. Returns the help text instead, as wide as the terminal, when it was asked for. */
export function parse(
  name: string,
  command: AnyCommand,
  words: readonly string[],
  columns: number = WIDEST_HELP,
): Parsed | { readonly help: string } {
  const typed = new Map<string, string[]>();
  let help = "";
  const helpWidth = Math.max(NARROWEST_HELP, Math.min(WIDEST_HELP, columns));
  const parser = parserOf(name, command, typed).configureHelp({ helpWidth });
  parser.configureOutput({
    writeOut: (text) => {
      help += text;
    },
    writeErr: () => {},
  });
  try {
    parser.parse(words, { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.code === "commander.helpDisplayed") return { help };
    throw new BadRequest(`${readable(error.message)} \`switchyard ${name} --help\` says what it takes.`, { cause: error });
  }
  const rest = parser.processedArgs.at(-1);
  const positional = Array.isArray(rest)
    ? [...parser.processedArgs.slice(0, -1), takeOwn(name, command, rest, typed)]
    : parser.processedArgs;
  return {
    args: argumentsOf(command, positional),
    flags: valuesOf(name, command.flags, typed),
    global: valuesOf(name, globalsBeside(command), typed) as unknown as GlobalValues,
  };
}

/** Commander's view of a command; what is typed for an option is gathered in `typed` by the flag's key. */
export function parserOf(name: string, command: AnyCommand, typed = new Map<string, string[]>()): Command {
  const parser = new Command(`switchyard ${name}`)
    .description([command.summary, command.description?.replaceAll("\n", " ")].filter(Boolean).join(".\n\n"))
    .exitOverride()
    .allowExcessArguments(false)
    .helpOption("-h, --help", "show this help");
  if (command.passThrough) parser.passThroughOptions();
  for (const [key, argument] of Object.entries(command.args)) parser.argument(argumentWords(key, argument), argumentHelp(argument));
  addFlags(parser, command.flags, typed);
  parser.optionsGroup("Options of every command:");
  addFlags(parser, globalsBeside(command), typed);
  return parser.addHelpText("after", examplesOf(command));
}

/**
 * Takes the options that are the command's own anywhere out of the words that follow its first argument, and gives back
 * those that are left. From a `--` on nothing is taken; one that stands first was only written for that.
 */
function takeOwn(name: string, command: AnyCommand, words: readonly string[], typed: Map<string, string[]>): string[] {
  if (command.ownAnywhere.length === 0) return [...words];
  if (words[0] === "--") return words.slice(1);
  const left: string[] = [];
  for (let i = 0; i < words.length; i++) {
    const word = words[i]!;
    if (word === "--") return [...left, ...words.slice(i)];
    const [option, value] = word.split(/=(.*)/s) as [string, string | undefined];
    const key = command.ownAnywhere.find((each) => longNames(each, command.flags[each]!).includes(option));
    if (key === undefined) left.push(word);
    else {
      const taken = value ?? words[++i];
      if (taken === undefined) throw new BadRequest(`Option ${option} has no value. \`switchyard ${name} --help\` says what it takes.`);
      typed.set(key, [...(typed.get(key) ?? []), taken]);
    }
  }
  return left;
}

const longNames = (key: string, flag: Flag<unknown>): string[] => [longName(key, flag), ...flag.aliases].map((each) => `--${each}`);

/** The global flags without the short names that the command uses itself. */
function globalsBeside(command: AnyCommand): Flags {
  const taken = new Set(Object.values(command.flags).map((flag) => flag.short));
  const own = new Set(Object.entries(command.flags).map(([key, flag]) => longName(key, flag)));
  return Object.fromEntries(
    Object.entries(GLOBAL_FLAGS as Flags)
      .filter(([key, flag]) => !own.has(longName(key, flag)))
      .map(([key, flag]) => [key, taken.has(flag.short) ? { ...flag, short: undefined } : flag]),
  );
}

function addFlags(parser: Command, flags: Flags, typed: Map<string, string[]>): void {
  for (const [key, flag] of Object.entries(flags)) {
    const gather = (value: string | true) => {
      typed.set(key, [...(typed.get(key) ?? []), value === true ? "" : value]);
    };
    const value = flag.valueName === null ? "" : ` <${flag.valueName}${flag.arity === "many" ? "..." : ""}>`;
    const names = [flag.short && `-${flag.short}`, `--${longName(key, flag)}`].filter(Boolean).join(", ");
    const options = [
      new Option(names + value, flagHelp(flag)),
      ...flag.aliases.map((alias) => new Option(`--${alias}${value}`).hideHelp()),
    ];
    for (const option of options) {
      option.variadic = flag.arity === "many"; // Commander sees it in the dots only where a letter stands before them
      addOption(parser, option, gather);
    }
  }
}

function addOption(parser: Command, option: Option, gather: (value: string | true) => void): void {
  parser.addOption(option);
  parser.on(`option:${option.name()}`, (value: string | null) => gather(value ?? true));
}

function flagHelp(flag: Flag<unknown>): string {
  const notes = [
    flag.required && "required",
    flag.default !== undefined && flag.default !== false && `default: ${String(flag.default)}`,
    flag.aliases.length > 0 && `also ${flag.aliases.map((alias) => `--${alias}`).join(", ")}`,
  ].filter(Boolean);
  return notes.length === 0 ? flag.help : `${flag.help} (${notes.join("; ")})`;
}

export function argumentWords(key: string, argument: Argument): string {
  const word = key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  if (typeof argument === "string") return `<${word}>`;
  return "rest" in argument ? `[${word}...]` : `[${word}]`;
}

export function argumentHelp(argument: Argument): string {
  if (typeof argument === "string") return argument;
  return "rest" in argument ? argument.rest : argument.optional;
}

function examplesOf(command: AnyCommand): string {
  const width = Math.max(...command.examples.map(([line]) => line.length));
  return `\nExamples:\n${command.examples.map(([line, effect]) => `  ${line.padEnd(width)}  # ${effect}`).join("\n")}\n`;
}

function argumentsOf(command: AnyCommand, processed: readonly unknown[]): Record<string, unknown> {
  return Object.fromEntries(Object.entries(command.args).map(([key, argument], i) => [key, processed[i] ?? emptyOf(argument)]));
}

function emptyOf(argument: Argument): unknown {
  return typeof argument !== "string" && "rest" in argument ? [] : undefined;
}

function valuesOf(name: string, flags: Flags, typed: ReadonlyMap<string, string[]>): Record<string, unknown> {
  const values: Record<string, unknown> = {};
  for (const [key, flag] of Object.entries(flags)) {
    const words = typed.get(key) ?? [];
    const option = [flag.short && `-${flag.short}`, `--${longName(key, flag)}`].filter(Boolean).join("/");
    if (flag.required && words.length === 0) {
      throw new BadRequest(`Option ${option} is missing: ${flag.help}. \`switchyard ${name} --help\` says what it takes.`);
    }
    try {
      values[key] = flag.read(words);
    } catch (error) {
      if (!(error instanceof SwitchyardError)) throw error;
      throw new BadRequest(`Option ${option}: ${error.message}`, { cause: error });
    }
  }
  return values;
}

/** `error: unknown option '--grce'\n(Did you mean --grace?)` as a sentence. */
function readable(message: string): string {
  const [what, hint] = message.replace(/^error: /, "").split("\n");
  const sentence = `${what!.charAt(0).toUpperCase()}${what!.slice(1)}`.replace(/\.?$/, ".");
  return hint ? `${sentence} ${hint.replace(/[()]/g, "")}` : sentence;
}
