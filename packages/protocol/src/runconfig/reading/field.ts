import type { JsonValue } from "../../json.ts";
import { describe, type Given, plain } from "./given.ts";
import { nearestOf } from "./nearest.ts";
import type { Problems } from "./problem.ts";

/** YAML files and the JSON wire form write a few keys differently. */
export type Spelling = "yaml" | "wire";

/** Where a value stands and who wants to hear what is wrong with it. */
export interface Place {
  readonly path: string;
  readonly problems: Problems;
}

/** One kind of value: how it is read from what people give, what it is when they give nothing, how it is written. */
export interface Field<T> {
  /** The value when the key is not given. */
  absent(): T;
  read(given: Given, place: Place): T;
  write(value: T, spelling: Spelling): JsonValue;
}
export type ValueOf<F> = F extends Field<infer T> ? T : never;

/** Says what was expected and what came, and goes on with the default so that later problems are found too. */
export function mismatch<T>(field: Field<T>, expected: string, given: Given, place: Place, nearest?: string | null): T {
  const hint = nearest ? `; did you mean "${nearest}"?` : "";
  place.problems.error(given.at, place.path, `expected ${expected}, came ${describe(given)}${hint}`, nearest);
  return field.absent();
}

/** A text; nothing at all is `absent`. `numbers: true` takes a number as it was written. */
export function text<A extends string | null>(absent: A, options: { numbers?: boolean } = {}): Field<string | A> {
  const field: Field<string | A> = {
    absent: () => absent,
    read(given, place) {
      if (given.kind !== "scalar") return mismatch(field, "a text", given, place);
      if (given.value === null) return absent;
      if (typeof given.value === "string") return given.value;
      if (options.numbers && typeof given.value === "number") return given.text;
      return mismatch(field, "a text (put it in quotes)", given, place);
    },
    write: (value) => value,
  };
  return field;
}

/** What reaches a process as text: numbers and booleans are taken as they were written. */
export function argument(): Field<string> {
  const field: Field<string> = {
    absent: () => "",
    read(given, place) {
      if (given.kind === "scalar" && given.value !== null) return given.text;
      return mismatch(field, "a text or a number", given, place);
    },
    write: (value) => value,
  };
  return field;
}

/** Like `argument`, but nothing at all is the empty text: `NAME:` sets an empty variable. */
export function variable(): Field<string> {
  const strict = argument();
  return { ...strict, read: (given, place) => (given.kind === "scalar" ? given.text : strict.read(given, place)) };
}

const FLAG_WORDS: Readonly<Record<string, boolean>> = { true: true, yes: true, on: true, false: false, no: false, off: false };

/** True or false; the words of older YAML (`yes`, `off`) count, and nothing is the default. */
export function flag(absent: boolean): Field<boolean> {
  const field: Field<boolean> = {
    absent: () => absent,
    read(given, place) {
      if (given.kind !== "scalar") return mismatch(field, "true or false", given, place);
      if (given.value === null) return absent;
      if (typeof given.value === "boolean") return given.value;
      const word = typeof given.value === "string" ? FLAG_WORDS[given.value.toLowerCase()] : undefined;
      return word ?? mismatch(field, "true or false", given, place);
    },
    write: (value) => value,
  };
  return field;
}

export interface NumberLimits {
  readonly min?: number;
  readonly max?: number;
  readonly whole?: boolean;
}

/** A number within limits; nothing is `absent`. */
export function number<A extends number | null>(absent: A, limits: NumberLimits = {}): Field<number | A> {
  const field: Field<number | A> = {
    absent: () => absent,
    read(given, place) {
      if (given.kind === "scalar" && given.value === null) return absent;
      const value = given.kind === "scalar" ? given.value : undefined;
      return typeof value === "number" && isWithin(value, limits) ? value : mismatch(field, inWords(limits), given, place);
    },
    write: (value) => value,
  };
  return field;
}

/** A whole number of at least `min`. */
export function count<A extends number | null>(absent: A, min = 1): Field<number | A> {
  return number(absent, { min, max: 2 ** 31 - 1, whole: true });
}

function isWithin(value: number, { min = -Infinity, max = Infinity, whole = false }: NumberLimits): boolean {
  return Number.isFinite(value) && value >= min && value <= max && (!whole || Number.isInteger(value));
}

function inWords({ min, max, whole }: NumberLimits): string {
  const kind = whole ? "a whole number" : "a number";
  if (min === undefined) return max === undefined ? kind : `${kind} of at most ${max}`;
  return `${kind} of at least ${min}`;
}

/** One of a few words, upper and lower case alike; `also` are older words and what they mean. */
export function word<const W extends string, A extends W | null>(
  words: readonly W[],
  absent: A,
  also: Readonly<Record<string, W>> = {},
): Field<W | A> {
  const field: Field<W | A> = {
    absent: () => absent,
    read(given, place) {
      if (given.kind === "scalar" && given.value === null) return absent;
      const said = given.kind === "scalar" ? given.text.toLowerCase() : "";
      const found = words.find((known) => known.toLowerCase() === said) ?? also[said];
      return found ?? mismatch(field, `one of ${words.join(", ")}`, given, place, said === "" ? null : nearestOf(said, words));
    },
    write: (value) => value,
  };
  return field;
}

/** Any JSON value, kept as it is. */
export function anything(absent: JsonValue = null): Field<JsonValue> {
  return { absent: () => absent, read: (given) => plain(given), write: (value) => value };
}
