import { TooLarge } from "@switchyard/protocol";

/** All bytes of a body that has to be held in memory; a longer one is refused while it arrives. */
export async function readLimited(body: AsyncIterable<Uint8Array>, limit: number, what: string): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of body) {
    size += piece.length;
    if (size > limit) throw new TooLarge(`At most ${limit} bytes are taken as ${what}. Send it in parts.`);
    pieces.push(piece);
  }
  return Buffer.concat(pieces, size);
}
