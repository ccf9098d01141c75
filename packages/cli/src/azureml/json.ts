/** A file that cannot be read as what its name says, with the line where that shows. */
export class Unreadable extends Error {
  readonly line: number | null;
  constructor(message: string, line: number | null = null) {
    super(message);
    this.line = line;
  }
}

/** JSON as an object. Throws Unreadable with the line. */
export function objectIn(text: string): Record<string, unknown> {
  const value = valueIn(text.replace(/^\uFEFF/, "")); // as editors of Windows begin a file
  if (value === null || typeof value !== "object" || Array.isArray(value)) throw new Unreadable("it does not hold a JSON object");
  return value as Record<string, unknown>;
}

function valueIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const { message } = error as Error;
    const at = positionIn(text, message);
    throw new Unreadable(`it is not JSON: ${message}`, at === null ? null : text.slice(0, at).split("\n").length);
  }
}

/** Node tells the place in one of three ways: a position, what stands around it, or that the text ends too early. */
function positionIn(text: string, message: string): number | null {
  const position = /at position (\d+)/.exec(message)?.[1];
  if (position !== undefined) return Number(position);
  if (/end of JSON/.test(message)) return text.length;
  const [, token, cut, around] = /Unexpected token '(.)', (\.\.\.)?"([\s\S]*)"(?:\.\.\.)? is not valid JSON/.exec(message) ?? [];
  const start = around === undefined ? -1 : text.indexOf(around);
  if (start < 0) return null;
  return start + (cut ? CHARACTERS_BEFORE : Math.max(0, around!.indexOf(token!)));
}

/** How much Node shows of what stands before the place, when it cuts. */
const CHARACTERS_BEFORE = 10;
