import type { Missing } from "./findMissing.ts";

export interface UploadProgress {
  /** bytes of files and folders handed to the network, packed where they travel packed */
  readonly sentBytes: number;
  /** shrinks when folders are packed */
  readonly totalBytes: number;
  /** files and folders that the server has taken */
  readonly sentBlobs: number;
  readonly totalBlobs: number;
}
export type OnProgress = (progress: UploadProgress) => void;

/** Counts what an upload has sent, over several requests at once of which each may begin anew. */
export class Progress {
  readonly #onProgress: OnProgress | undefined;
  #totalBytes: number;
  readonly #totalBlobs: number;
  #sentBytes = 0;
  #sentBlobs = 0;

  constructor({ files, trees }: Missing, onProgress: OnProgress | undefined) {
    this.#onProgress = onProgress;
    this.#totalBytes = files.reduce((sum, file) => sum + file.size, 0) + trees.reduce((sum, tree) => sum + Buffer.byteLength(tree.text), 0);
    this.#totalBlobs = files.length + trees.length;
    this.#tell();
  }

  /** Counts what passes of one request's body; called again for another try, it forgets the one before. */
  counting(): (body: Iterable<Uint8Array> | AsyncIterable<Uint8Array>) => AsyncGenerator<Uint8Array> {
    let counted = 0;
    const add = (bytes: number) => {
      counted += bytes;
      this.sent(bytes);
    };
    return async function* count(body) {
      if (counted > 0) add(-counted);
      for await (const bytes of body) {
        yield bytes;
        add(bytes.byteLength);
      }
    };
  }

  sent(bytes: number): void {
    this.#sentBytes += bytes;
    this.#tell();
  }

  shrunk(bytes: number): void {
    this.#totalBytes -= bytes;
  }

  taken(blobs: number): void {
    this.#sentBlobs += blobs;
    this.#tell();
  }

  #tell(): void {
    const sentBytes = Math.min(this.#sentBytes, this.#totalBytes); // headers between blobs are not counted in the total
    this.#onProgress?.({ sentBytes, totalBytes: this.#totalBytes, sentBlobs: this.#sentBlobs, totalBlobs: this.#totalBlobs });
  }
}
