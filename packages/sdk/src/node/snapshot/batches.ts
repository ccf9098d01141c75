import type { ScannedFile } from "./scanFolder.ts";

/** A small blob on its way: a file to be read, or the text of a folder. */
export interface Small {
  readonly sha256: string;
  readonly size: number;
  readonly source: ScannedFile | string;
}
export type Batch = readonly Small[];

const BATCH_BYTES = 32 * 1024 * 1024;
const BATCH_BLOBS = 2000;

/** Divides blobs into requests of some megabytes each. */
export function batchesOf(blobs: readonly Small[]): Batch[] {
  const batches: Small[][] = [];
  let room = 0;
  for (const blob of blobs) {
    const last = batches.at(-1);
    if (last === undefined || room < blob.size || last.length === BATCH_BLOBS) {
      batches.push([blob]);
      room = BATCH_BYTES - blob.size;
    } else {
      last.push(blob);
      room -= blob.size;
    }
  }
  return batches;
}
