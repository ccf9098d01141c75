/** How many of these bytes are whole UTF-8 sequences: all, or all but a sequence that the end has cut. Invalid bytes count as whole. */
export function wholeSequences(bytes: Uint8Array): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back] ?? 0;
    if ((byte & 0b1100_0000) === 0b1000_0000) continue; // the inside of a sequence: look further back for its first byte
    return lengthSaidBy(byte) > back ? bytes.length - back : bytes.length;
  }
  return bytes.length;
}

function lengthSaidBy(first: number): number {
  if (first >= 0b1111_0000) return first <= 0xf4 ? 4 : 1;
  if (first >= 0b1110_0000) return 3;
  return first >= 0xc2 ? 2 : 1;
}

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** Text of the bytes; what is not UTF-8 becomes U+FFFD. */
export function decodeUtf8(bytes: Uint8Array): string {
  return decoder.decode(bytes);
}
