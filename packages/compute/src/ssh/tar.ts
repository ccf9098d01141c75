/** One thing in a tar archive. A `hardlink` is another name of a file that is there, seen from where the archive is unpacked. */
export type TarEntry = { readonly path: string; readonly mode: number } & (
  | { readonly kind: "folder" }
  | { readonly kind: "file"; readonly size: number; readonly bytes: () => AsyncIterable<Uint8Array> }
  | { readonly kind: "link" | "hardlink"; readonly target: string }
);

const BLOCK = 512;
const TYPES = { file: "0", hardlink: "1", link: "2", folder: "5" } as const;
const END = new Uint8Array(2 * BLOCK);

/**
 * Writes entries as a tar archive in the form of GNU tar, because its long names are what GNU tar, busybox and the tar of
 * the BSDs all read; the newer `pax` form is unknown to busybox.
 */
export async function* writeTar(entries: AsyncIterable<TarEntry> | Iterable<TarEntry>): AsyncIterable<Uint8Array> {
  for await (const entry of entries) {
    yield headersOf(entry);
    if (entry.kind !== "file") continue;
    let length = 0;
    for await (const bytes of entry.bytes()) {
      length += bytes.length;
      yield bytes;
    }
    if (length !== entry.size) throw new Error(`"${entry.path}" has ${length} bytes and not the ${entry.size} that were announced`);
    yield new Uint8Array(paddingOf(length));
  }
  yield END;
}

export const fileOf = (path: string, content: string | Uint8Array, mode = 0o644): TarEntry => {
  const bytes = Buffer.from(content);
  return { kind: "file", path, mode, size: bytes.length, bytes: async function* () { yield bytes; } }; // biome-ignore format: one line
};

const paddingOf = (size: number): number => (BLOCK - (size % BLOCK)) % BLOCK;

function headersOf(entry: TarEntry): Uint8Array {
  const name = Buffer.from(entry.kind === "folder" ? `${entry.path}/` : entry.path);
  const target = Buffer.from("target" in entry ? entry.target : "");
  return Buffer.concat([
    ...(target.length > 100 ? [long("K", target)] : []),
    ...(name.length > 100 ? [long("L", name)] : []),
    header(name, target, entry.mode, entry.kind === "file" ? entry.size : 0, TYPES[entry.kind]),
  ]);
}

/** A name too long for a header stands before it, as the content of an entry of its own. */
function long(type: "K" | "L", name: Buffer): Buffer {
  const text = Buffer.concat([name, Buffer.alloc(1)]);
  return Buffer.concat([
    header(Buffer.from("././@LongLink"), Buffer.alloc(0), 0o644, text.length, type),
    text,
    Buffer.alloc(paddingOf(text.length)),
  ]);
}

function header(name: Buffer, target: Buffer, mode: number, size: number, type: string): Buffer {
  const block = Buffer.alloc(BLOCK);
  name.copy(block, 0, 0, 100);
  const octal = (value: number, at: number, length: number) => block.write(value.toString(8).padStart(length - 1, "0"), at, "latin1");
  octal(mode & 0o7777, 100, 8);
  octal(0, 108, 8); // owner and group are those of the account that unpacks
  octal(0, 116, 8);
  writeSize(block, size);
  octal(Math.floor(Date.now() / 1000), 136, 12);
  block.write("        ", 148, "latin1"); // the checksum counts itself as blanks
  block.write(type, 156, "latin1");
  target.copy(block, 157, 0, 100);
  block.write("ustar  \0", 257, "latin1");
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1");
  return block;
}

/** Eleven octal digits end at 8 GiB; above, GNU tar writes the number itself. */
function writeSize(block: Buffer, size: number): void {
  if (size < 8 ** 11) return void block.write(size.toString(8).padStart(11, "0"), 124, "latin1");
  block[124] = 0x80;
  block.writeBigUInt64BE(BigInt(size), 128);
}
