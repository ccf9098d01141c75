import type { Readable } from "node:stream";

/** The stream ended before what was asked for had come. */
export class EndOfStream extends Error {}

const MOST_WAITING_BYTES = 4 * 1024 * 1024;

/** Reads lines and exact numbers of bytes from a stream, in the order of the calls. One call at a time. */
export class ByteReader {
  readonly #stream: Readable;
  #chunks: Buffer[] = [];
  #waitingBytes = 0;
  #ended = false;
  #discards = false;
  #wake: (() => void) | undefined;
  #left: Buffer = Buffer.alloc(0);

  constructor(stream: Readable) {
    this.#stream = stream;
    stream.on("data", (chunk: Buffer) => this.#keep(chunk));
    for (const event of ["end", "close", "error"]) stream.on(event, () => this.#end());
  }

  /** Wants nothing more. What still comes is thrown away, because a channel with something unread is never closed. */
  discard(): void {
    this.#discards = true;
    this.#chunks = [];
    this.#stream.resume();
    this.#end();
  }

  /** A line without its line end. */
  async line(mostBytes = 64 * 1024 * 1024): Promise<string> {
    const pieces: Buffer[] = [];
    let length = 0;
    for (;;) {
      const at = this.#left.indexOf(10);
      if (at >= 0) {
        pieces.push(this.#left.subarray(0, at));
        this.#left = this.#left.subarray(at + 1);
        return (pieces.length === 1 ? (pieces[0] as Buffer) : Buffer.concat(pieces)).toString("utf8");
      }
      pieces.push(this.#left);
      length += this.#left.length;
      if (length > mostBytes) throw new EndOfStream(`a line of more than ${mostBytes} bytes came`);
      await this.#more();
    }
  }

  async bytes(count: number): Promise<Buffer> {
    if (this.#left.length >= count) {
      const bytes = this.#left.subarray(0, count);
      this.#left = this.#left.subarray(count);
      return bytes;
    }
    const pieces = [this.#left];
    let length = this.#left.length;
    while (length < count) {
      await this.#more();
      pieces.push(this.#left);
      length += this.#left.length;
    }
    const all = Buffer.concat(pieces, length);
    this.#left = all.subarray(count);
    return all.subarray(0, count);
  }

  /** All that is left. */
  async rest(): Promise<Buffer> {
    const pieces = [this.#left];
    this.#left = Buffer.alloc(0);
    while (await this.#next()) pieces.push(this.#left);
    this.#left = Buffer.alloc(0);
    return Buffer.concat(pieces);
  }

  /** Skips everything up to the end of the line that ends with these words; returns what was skipped before them. */
  async skipPast(words: string, mostBytes: number): Promise<string> {
    let skipped = "";
    while (skipped.length <= mostBytes) {
      const line = await this.line(mostBytes).catch((error: Error) => {
        throw error instanceof EndOfStream ? new Noise(`${skipped}${this.#left.toString("utf8")}`, error) : error;
      });
      if (line.endsWith(words)) return skipped + line.slice(0, -words.length);
      skipped += `${line}\n`;
    }
    throw new Noise(skipped);
  }

  async #more(): Promise<void> {
    if (!(await this.#next())) throw new EndOfStream("the stream ended early");
  }

  /** Puts the next chunk into `#left`; false at the end. */
  async #next(): Promise<boolean> {
    while (this.#chunks.length === 0) {
      if (this.#ended) return false;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    this.#left = this.#chunks.shift() as Buffer;
    this.#waitingBytes -= this.#left.length;
    if (this.#waitingBytes < MOST_WAITING_BYTES / 2) this.#stream.resume();
    return true;
  }

  #keep(chunk: Buffer): void {
    if (this.#discards) return;
    this.#chunks.push(chunk);
    this.#waitingBytes += chunk.length;
    if (this.#waitingBytes > MOST_WAITING_BYTES) this.#stream.pause();
    this.#wake?.();
  }

  #end(): void {
    this.#ended = true;
    this.#wake?.();
  }
}

/** Something else came than what was waited for. */
export class Noise extends Error {
  readonly text: string;

  constructor(text: string, cause?: unknown) {
    super("something else came", { cause });
    this.text = text;
  }
}
