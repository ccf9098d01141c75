/** A line longer than this is no journal record any more: it is skipped. */
export const LONGEST_LINE_BYTES = 16 * 1024 * 1024;

/** Whole lines at the start of some bytes. */
export interface CutLines {
  /** an over-long line is here as an empty one */
  readonly lines: readonly string[];
  /** bytes that belong to these lines: the cursor moves by so much */
  readonly taken: number;
  /** bytes of over-long lines that were passed over */
  readonly skippedLines: number;
}

const NEWLINE = 0x0a;

/**
 * Cuts bytes at line ends. What follows the last line end stays for the next look, unless `isFinal` says that no more
 * will come, or it is longer than any record may be: then it is passed over, and the rest of it reads as an invalid line.
 */
export function cutLines(bytes: Uint8Array, isFinal: boolean, longest = LONGEST_LINE_BYTES): CutLines {
  const end = isFinal ? bytes.length : bytes.lastIndexOf(NEWLINE) + 1;
  const rest = bytes.length - end;
  const tooLong = rest >= longest;
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, end).toString("utf8");
  const lines = text.length === 0 ? [] : text.split("\n");
  if (lines.at(-1) === "") lines.pop();
  const longLines = lines.reduce((count, line) => count + Number(line.length > longest), 0);
  return {
    lines: longLines === 0 ? lines : lines.map((line) => (line.length > longest ? "" : line)),
    taken: tooLong ? bytes.length : end,
    skippedLines: longLines + Number(tooLong),
  };
}
