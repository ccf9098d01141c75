import { lstatSync } from "node:fs";
import { join } from "node:path";
import type { SnapshotScan } from "./scanFolder.ts";
import { signatureOf } from "./signature.ts";

/** A file is no longer what was hashed. Caught by the upload, which scans again; a person never sees it. */
export class FileChanged extends Error {
  readonly path: string;

  constructor(path: string) {
    super(`${path} changed after it was hashed.`);
    this.path = path;
  }
}

/** The first file of a scan that is no longer what was hashed, or null. */
export function firstChanged(scan: SnapshotScan): string | null {
  return scan.entries.find(({ path, signature }) => signatureNow(join(scan.folder, path)) !== signature)?.path ?? null;
}

function signatureNow(path: string): string | null {
  try {
    return signatureOf(lstatSync(path, { bigint: true }));
  } catch {
    return null;
  }
}
