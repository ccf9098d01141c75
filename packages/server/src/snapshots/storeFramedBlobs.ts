import type { BlobStorage, SmallBlob } from "@switchyard/artifacts";
import { framedBlobs } from "../http/framedBlobs.ts";

/** Blobs up to this size are gathered, so that the disk is waited for once for many. */
const SMALL_BYTES = 1024 * 1024;
const BATCH_BYTES = 16 * 1024 * 1024;
const BATCH_BLOBS = 2000;

/** Stores the blobs of a framed body as they arrive: small ones in batches, large ones streamed. Holds at most one batch. */
export async function storeFramedBlobs(blobs: BlobStorage, body: AsyncIterable<Uint8Array>): Promise<number> {
  let stored = 0;
  let batch: SmallBlob[] = [];
  let batchBytes = 0;
  const flush = async () => {
    await blobs.putMany(batch);
    stored += batch.length;
    batch = [];
    batchBytes = 0;
  };
  for await (const { sha256, size, content } of framedBlobs(body)) {
    if (size > SMALL_BYTES) {
      await blobs.put(sha256, content);
      stored += 1;
      continue;
    }
    batch.push({ sha256, bytes: await piecesOf(content) });
    batchBytes += size;
    if (batchBytes >= BATCH_BYTES || batch.length >= BATCH_BLOBS) await flush();
  }
  if (batch.length > 0) await flush();
  return stored;
}

/** Not joined: copying a gigabyte to have each file in one piece costs as much as hashing it. */
async function piecesOf(content: AsyncIterable<Uint8Array>): Promise<Uint8Array[]> {
  const pieces: Uint8Array[] = [];
  for await (const piece of content) pieces.push(piece);
  return pieces;
}
