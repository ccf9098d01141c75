import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

const LINE = /^(\d+:\d+:\d+:-?\d+:-?\d+) ([0-9a-f]{64})$/;
const HEADER = "switchyard hashes 1";
/**
 * A file changed this shortly before it was hashed could change again within the same tick of the disk's clock, with
 * the same signature: git calls that racy. FAT, the coarsest, has ticks of two seconds.
 */
const RACY_NS = 2_000_000_000n;

/** Remembers the SHA-256 of files by their signature, one small text file per folder, so that a second scan reads nothing. */
export class HashCache {
  readonly #file: string;
  readonly #known: ReadonlyMap<string, string>;
  readonly #now = new Map<string, string>();

  constructor(file: string, known: ReadonlyMap<string, string>) {
    this.#file = file;
    this.#known = known;
  }

  /** Opens the cache of one folder. What cannot be read is as good as nothing. */
  static open(home: string, folder: string): HashCache {
    const file = join(home, "cache", `hashes-${createHash("sha256").update(folder).digest("hex").slice(0, 16)}`);
    return new HashCache(file, read(file));
  }

  get(signature: string): string | undefined {
    const sha256 = this.#known.get(signature);
    if (sha256 !== undefined) this.#now.set(signature, sha256);
    return sha256;
  }

  /** Keeps what was hashed at `hashedNs`, unless the file may still change unseen. */
  set(signature: string, sha256: string, changedNs: bigint, hashedNs: bigint): void {
    if (changedNs < hashedNs - RACY_NS) this.#now.set(signature, sha256);
  }

  /** Writes what this scan met. A cache that cannot be written costs time, nothing else. */
  save(): void {
    if (this.#now.size === this.#known.size && [...this.#now.keys()].every((signature) => this.#known.has(signature))) return;
    const temporary = `${this.#file}.${process.pid}`;
    try {
      mkdirSync(dirname(this.#file), { recursive: true, mode: 0o700 });
      writeFileSync(temporary, `${HEADER}\n${[...this.#now].map(([signature, sha256]) => `${signature} ${sha256}\n`).join("")}`, {
        mode: 0o600,
      });
      renameSync(temporary, this.#file);
    } catch {
      rmSync(temporary, { force: true });
    }
  }
}

function read(file: string): Map<string, string> {
  const known = new Map<string, string>();
  const [header, ...lines] = readOrEmpty(file).split("\n");
  if (header !== HEADER) return known;
  for (const line of lines) {
    const match = LINE.exec(line);
    if (match) known.set(match[1] as string, match[2] as string);
  }
  return known;
}

function readOrEmpty(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
