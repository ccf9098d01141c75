import type { JsonValue } from "@switchyard/protocol";

/** Longest name of a metric, tag or property; longer ones do not fit an index entry. */
export const MAX_NAME_LENGTH = 500;

/** Text that every database can hold: PostgreSQL has no NUL, and half a surrogate pair is no character. */
export function storable(text: string): string {
  return text.isWellFormed() && !text.includes("\0") ? text : text.toWellFormed().replaceAll("\0", "\uFFFD");
}

/** A name that scripts choose, cut to what an index holds. */
export function storableName(name: string): string {
  return storable(name.length > MAX_NAME_LENGTH ? name.slice(0, MAX_NAME_LENGTH) : name);
}

export const storableOrNull = (text: string | null): string | null => (text === null ? null : storable(text));

/** JSON text escapes what a database cannot hold. */
export const toJson = (value: unknown): string => JSON.stringify(value);

export const fromJson = <T = JsonValue>(text: string): T => JSON.parse(text) as T;
