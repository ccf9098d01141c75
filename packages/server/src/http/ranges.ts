import { RangeNotSatisfiable } from "@switchyard/protocol";

/** Bytes from `start` up to, not including, `end`. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/**
 * The part that a Range header asks for, or null for the whole: no header, a unit or form we do not know, or several
 * ranges at once (RFC 9110 lets a server answer those with everything).
 */
export function parseRange(header: string | undefined, size: number): ByteRange | null {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header?.replaceAll(" ", "") ?? "");
  if (match === null) return null;
  const [, first = "", last = ""] = match;
  if (first === "" && last === "") return null;
  if (first === "") return suffix(Number(last), size);
  const start = Number(first);
  if (last !== "" && Number(last) < start) return null;
  if (start >= size) throw notSatisfiable(size);
  return { start, end: last === "" ? size : Math.min(Number(last) + 1, size) };
}

function suffix(length: number, size: number): ByteRange {
  if (length === 0 || size === 0) throw notSatisfiable(size);
  return { start: Math.max(0, size - length), end: size };
}

function notSatisfiable(size: number): RangeNotSatisfiable {
  return new RangeNotSatisfiable(`The file has ${size} bytes; the range begins after its end. Ask for bytes below ${size}.`, {
    details: { size },
  });
}
