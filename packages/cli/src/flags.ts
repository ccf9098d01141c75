import { BadRequest } from "@switchyard/protocol/errors";
import { nearestOf } from "@switchyard/protocol/nearest";

/** A positional argument: a text is the help of a required one. */
export type Argument = string | OptionalArgument | RestArgument;
export interface OptionalArgument {
  readonly optional: string;
}
export interface RestArgument {
  readonly rest: string;
}
export type ArgumentValues<A extends Record<string, Argument>> = {
  readonly [K in keyof A]: A[K] extends RestArgument ? string[] : A[K] extends OptionalArgument ? string | undefined : string;
};

/** One option of a command. */
export interface Flag<T> {
  readonly help: string;
  /** one letter, without the dash */
  readonly short: string | undefined;
  /** the long name, when it is not the key in kebab-case */
  readonly long: string | undefined;
  /** further long names, for the words of older tools */
  readonly aliases: readonly string[];
  readonly required: boolean;
  readonly default: T | undefined;
  /** what stands for the value in help texts; null for a switch without a value */
  readonly valueName: string | null;
  /** `once`; `repeat`: `--tag a --tag b`; `many`: also `--tag a b` */
  readonly arity: "once" | "repeat" | "many";
  /** the words that completion offers */
  readonly choices: readonly string[] | undefined;
  /** makes the value of what was typed, in order; throws BadRequest */
  read(typed: readonly string[]): T;
}
export type FlagValues<F extends Record<string, Flag<unknown>>> = {
  readonly [K in keyof F]: F[K] extends Flag<infer T> ? T : never;
};

interface FlagOptions {
  readonly help: string;
  readonly short?: string;
  readonly long?: string;
  readonly aliases?: readonly string[];
  readonly valueName?: string;
}

/** Makes the kind of flag whose value is one text, read by `read`. */
function single<T>(valueName: string, read: (text: string) => T, choices?: readonly string[]) {
  function flag(options: FlagOptions & ({ readonly default: T } | { readonly required: true })): Flag<T>;
  function flag(options: FlagOptions): Flag<T | undefined>;
  function flag(options: FlagOptions & { readonly default?: T; readonly required?: true }): Flag<T | undefined> {
    return {
      ...base(options, valueName),
      required: options.required === true,
      default: options.default,
      arity: "once",
      choices,
      read: (typed) => (typed.length === 0 ? options.default : read(typed.at(-1)!)),
    };
  }
  return flag;
}

function base(options: FlagOptions, valueName: string | null) {
  return {
    help: options.help,
    short: options.short,
    long: options.long,
    aliases: options.aliases ?? [],
    valueName: valueName === null ? null : (options.valueName ?? valueName),
  };
}

/** Any text. */
export const text = single("TEXT", (typed) => typed);

/** A whole number, 0 or more. */
export const count = single("N", (typed) => {
  if (!/^\d{1,15}$/.test(typed)) throw new BadRequest(`"${typed}" is not a whole number of 0 or more.`);
  return Number(typed);
});

/** A number above 0, with a decimal point where one is needed. */
export const decimal = single("N", (typed) => {
  const number = Number(typed);
  if (!/^\d*\.?\d+$/.test(typed) || number <= 0) throw new BadRequest(`"${typed}" is not a number above 0.`);
  return number;
});

const UNIT_SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };

/** A duration: `90`, `90s`, `15m`, `2h`, `1d`. */
export const seconds = single("SECONDS", (typed) => {
  const match = /^(\d+(?:\.\d+)?)([smhd]?)$/.exec(typed);
  if (!match) throw new BadRequest(`"${typed}" is not a duration. Write seconds, or a number with s, m, h or d: 90, 15m, 2h.`);
  return Number(match[1]) * UNIT_SECONDS[match[2] || "s"]!;
});

/** One of a few words, in any case. */
export function choice<const W extends string>(words: readonly W[]) {
  return single<W>(
    words.join("|"),
    (typed) => {
      const found = words.find((word) => word.toLowerCase() === typed.toLowerCase());
      if (found) return found;
      const near = nearestOf(typed, words);
      throw new BadRequest(`"${typed}" is none of ${words.join(", ")}.${near ? ` Did you mean ${near}?` : ""}`);
    },
    words,
  );
}

/** On or off. */
export function toggle(options: FlagOptions): Flag<boolean> {
  return { ...base(options, null), required: false, default: false, arity: "once", choices: undefined, read: (typed) => typed.length > 0 };
}

/** A text that may be given several times; with `many`, several after one option. */
export function texts(options: FlagOptions & { readonly many?: true; readonly required?: true }): Flag<readonly string[]> {
  return {
    ...base(options, "TEXT"),
    required: options.required === true,
    default: undefined,
    arity: options.many ? "many" : "repeat",
    choices: undefined,
    read: (typed) => typed,
  };
}

/** `KEY=VALUE`, repeatable. A key without `=` is refused. */
export function pairs(options: FlagOptions): Flag<Readonly<Record<string, string>>> {
  return repeated({ valueName: "KEY=VALUE", ...options }, (typed) => {
    if (typed.value === null) throw new BadRequest(`"${typed.key}" has no value. Write ${typed.key}=VALUE.`);
    return typed.value;
  });
}

/** `KEY` or `KEY=VALUE`, repeatable, with `many` also several after one option; the value of a bare key is null. */
export function tags(options: FlagOptions & { readonly many?: true }): Flag<Readonly<Record<string, string | null>>> {
  return repeated({ valueName: "KEY[=VALUE]", ...options }, (typed) => typed.value);
}

function repeated<V>(
  options: FlagOptions & { readonly many?: true },
  value: (typed: { key: string; value: string | null }) => V,
): Flag<Readonly<Record<string, V>>> {
  return {
    ...base(options, "TEXT"),
    required: false,
    default: undefined,
    arity: options.many ? "many" : "repeat",
    choices: undefined,
    read: (typed) => Object.fromEntries(typed.map(splitPair).map((pair) => [pair.key, value(pair)])),
  };
}

function splitPair(typed: string): { key: string; value: string | null } {
  const equals = typed.indexOf("=");
  const key = (equals < 0 ? typed : typed.slice(0, equals)).trim();
  if (key === "") throw new BadRequest(`"${typed}" has no key. Write KEY=VALUE.`);
  return { key, value: equals < 0 ? null : typed.slice(equals + 1) };
}

/** The long name of a flag on the command line. */
export function longName(key: string, flag: Flag<unknown>): string {
  return flag.long ?? key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
