import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { SnapshotScan } from "./scanFolder.ts";

const SHA256_BYTES = 32;

/**
 * What the last snapshot of a folder brought to a server, so that the next one need not ask about it: after a one-line
 * edit the questions would be more than the answer. Only a belief: a server that has lost blobs says so when the snapshot
 * is named, and then is asked about each.
 */
export class KnownBlobs {
  readonly all: ReadonlySet<string>;
  readonly #file: string | null;

  constructor(file: string | null, all: ReadonlySet<string>) {
    this.#file = file;
    this.all = all;
  }

  static open(home: string | null, server: string, folder: string): KnownBlobs {
    if (home === null) return new KnownBlobs(null, new Set());
    const key = createHash("sha256").update(`${server}\n${folder}`).digest("hex").slice(0, 16);
    const file = join(home, "cache", `sent-${key}`);
    return new KnownBlobs(file, read(file));
  }

  /** Remembers all of a snapshot that the server has accepted. Failing to costs time, nothing else. */
  save(scan: SnapshotScan): void {
    if (this.#file === null || this.all.has(scan.root)) return;
    const sums = new Set([...scan.trees.keys(), ...scan.entries.map((entry) => entry.sha256)]);
    const temporary = `${this.#file}.${process.pid}`;
    try {
      mkdirSync(dirname(this.#file), { recursive: true, mode: 0o700 });
      writeFileSync(temporary, Buffer.from([...sums].join(""), "hex"), { mode: 0o600 });
      renameSync(temporary, this.#file);
    } catch {
      rmSync(temporary, { force: true });
    }
  }
}

function read(file: string): Set<string> {
  const known = new Set<string>();
  try {
    const bytes = readFileSync(file);
    for (let at = 0; at + SHA256_BYTES <= bytes.length; at += SHA256_BYTES) known.add(bytes.toString("hex", at, at + SHA256_BYTES));
  } catch {
    // none yet
  }
  return known;
}
