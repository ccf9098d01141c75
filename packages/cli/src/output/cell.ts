import { numberInWords } from "./words.ts";

const MAX_CELL = 60;

/** A value as one readable line: `a=1, b=2` for an object, `a, b` for a list, nothing for null. */
export function cell(value: unknown, limit = MAX_CELL): string {
  const words = inWords(value);
  return words.length > limit ? `${words.slice(0, limit - 1)}…` : words;
}

function inWords(value: unknown): string {
  if (value === null || value === undefined) return "";
  if (typeof value === "number") return numberInWords(value);
  if (Array.isArray(value)) return value.map((item) => inWords(item)).join(", ");
  if (typeof value === "object") {
    return Object.entries(value)
      .map(([key, item]) => (item === null ? key : `${key}=${inWords(item)}`))
      .join(", ");
  }
  return withoutControls(String(value));
}

/** Line ends, tabs and terminal control characters become spaces: one row stays one row. */
export function withoutControls(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not reach a terminal
  return text.replace(/[\u0000-\u001f\u007f-\u009f]+/g, " ");
}
