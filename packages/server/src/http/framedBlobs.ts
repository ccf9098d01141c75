import { BadRequest, TooLarge } from "@switchyard/protocol";

/** One blob of a framed body. Its content must be read to its end before the next blob is asked for; what is left is skipped. */
export interface FramedBlob {
  readonly sha256: string;
  readonly size: number;
  readonly content: AsyncIterable<Uint8Array>;
}

const HEADER_BYTES = 40; // 32 of SHA-256, 8 of length

/** Takes a body of `putBlobs` apart while it arrives; holds no more than one chunk of it. */
export async function* framedBlobs(body: AsyncIterable<Uint8Array>): AsyncGenerator<FramedBlob> {
  const reader = new ChunkReader(body);
  for (;;) {
    const header = await reader.exactly(HEADER_BYTES);
    if (header.length === 0) return;
    if (header.length < HEADER_BYTES) throw truncated(`${header.length} of the ${HEADER_BYTES} bytes of a blob's header`);
    const sha256 = Buffer.from(header.subarray(0, 32)).toString("hex");
    const size = Buffer.from(header).readBigUInt64BE(32);
    if (size > BigInt(Number.MAX_SAFE_INTEGER)) throw new TooLarge(`Blob ${sha256} is announced with ${size} bytes.`);
    const content = reader.next(Number(size), sha256);
    yield { sha256, size: Number(size), content };
    for await (const _ of content); // whatever the taker left
  }
}

class ChunkReader {
  readonly #source: AsyncIterator<Uint8Array>;
  #chunk: Uint8Array = new Uint8Array(0);

  constructor(body: AsyncIterable<Uint8Array>) {
    this.#source = body[Symbol.asyncIterator]();
  }

  /** `count` bytes, fewer only when the body ends before. */
  async exactly(count: number): Promise<Uint8Array> {
    const parts: Uint8Array[] = [];
    for (let left = count; left > 0; ) {
      const part = await this.#upTo(left);
      if (part === null) break;
      parts.push(Uint8Array.from(part)); // a copy: a chunk is good only until the next one
      left -= part.length;
    }
    return Buffer.concat(parts);
  }

  /** The next `count` bytes as they arrive. Iterating again goes on where the last reader stopped. */
  next(count: number, sha256: string): AsyncIterable<Uint8Array> {
    let left = count;
    const take = async (): Promise<IteratorResult<Uint8Array>> => {
      if (left === 0) return { done: true, value: undefined };
      const part = await this.#upTo(left);
      if (part === null) throw truncated(`${count - left} of the ${count} bytes of blob ${sha256}`);
      left -= part.length;
      return { done: false, value: part };
    };
    return { [Symbol.asyncIterator]: () => ({ next: take }) };
  }

  async #upTo(count: number): Promise<Uint8Array | null> {
    while (this.#chunk.length === 0) {
      const { done, value } = await this.#source.next();
      if (done) return null;
      this.#chunk = value;
    }
    const part = this.#chunk.subarray(0, count);
    this.#chunk = this.#chunk.subarray(part.length);
    return part;
  }
}

function truncated(got: string): BadRequest {
  return new BadRequest(`The body ended after ${got}. Send it again.`);
}
