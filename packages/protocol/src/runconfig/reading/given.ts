import type { JsonValue } from "../../json.ts";
import type { Position } from "./problem.ts";

/**
 * What was given, from a text or as JSON, with the place of each part. Scalars keep how they were written, so that
 * `--rate 1e-3` or `007` reach a script as the text that a person typed.
 */
export type Given = GivenScalar | GivenList | GivenMap;
export interface GivenScalar {
  readonly kind: "scalar";
  readonly value: string | number | boolean | null;
  readonly text: string;
  readonly at: Position | null;
}
export interface GivenList {
  readonly kind: "list";
  readonly items: readonly Given[];
  readonly at: Position | null;
}
export interface GivenMap {
  readonly kind: "map";
  readonly entries: readonly GivenEntry[];
  readonly at: Position | null;
}
export interface GivenEntry {
  readonly key: string;
  readonly at: Position | null;
  readonly value: Given;
}

/** JSON values as if they had been read from a text, without places. */
export function givenOfJson(value: JsonValue): Given {
  if (Array.isArray(value)) return { kind: "list", items: value.map(givenOfJson), at: null };
  if (typeof value === "object" && value !== null) {
    const entries = Object.entries(value).filter(([, inner]) => inner !== undefined);
    return { kind: "map", entries: entries.map(([key, inner]) => ({ key, at: null, value: givenOfJson(inner) })), at: null };
  }
  const scalar = (value ?? null) as GivenScalar["value"];
  return { kind: "scalar", value: scalar, text: scalar === null ? "" : String(scalar), at: null };
}

/** The plain JSON value of what was given. */
export function plain(given: Given): JsonValue {
  switch (given.kind) {
    case "scalar":
      // JSON has no NaN and no infinity: such a number stays the text it was written as
      return typeof given.value === "number" && !Number.isFinite(given.value) ? given.text : given.value;
    case "list":
      return given.items.map(plain);
    case "map":
      return objectOf(given.entries.map((entry) => [entry.key, plain(entry.value)]));
  }
}

/** An object of the entries; a key `__proto__` is a key like any other. */
export function objectOf<T>(entries: Iterable<readonly [string, T]>): Record<string, T> {
  return Object.fromEntries(entries);
}

export function isNothing(given: Given | undefined): boolean {
  return given === undefined || (given.kind === "scalar" && given.value === null);
}

/** What was given, in words for "expected …, came …". */
export function describe(given: Given): string {
  if (given.kind === "list") return "a list";
  if (given.kind === "map") return "a mapping";
  if (given.value === null) return "nothing";
  if (typeof given.value === "string") return `the text "${shorten(given.value)}"`;
  return typeof given.value === "number" ? `the number ${shorten(given.text)}` : String(given.value);
}

function shorten(text: string): string {
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}
