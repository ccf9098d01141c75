import type { BlobStorage } from "@switchyard/artifacts";
import { framedBlobs } from "../http/framedBlobs.ts";
import { readLimited } from "../http/readLimited.ts";

/** Blobs up to this size are gathered, so that the disk is waited for once for many. */
const SMALL_BYTES = 1024 * 1024;
const BATCH_BYTES = 16 * 1024 * 1024;
const BATCH_BLOBS = 2000;

/** Stores the blobs of a framed body as they arrive: small ones in batches, large ones streamed. Holds at most one batch. */
export async function storeFramedBlobs(blobs: BlobStorage, body: AsyncIterable<Uint8Array>): Promise<number> {
  let stored = 0;
  let batch: { sha256: string; bytes: Uint8Array }[] = [];
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
    batch.push({ sha256, bytes: await readLimited(content, size, "a blob") });
    batchBytes += size;
    if (batchBytes >= BATCH_BYTES || batch.length >= BATCH_BLOBS) await flush();
  }
  if (batch.length > 0) await flush();
  return stored;
}
