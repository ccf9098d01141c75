import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import { zipSync } from "fflate";

/** One file of a wheel: its path in the archive and its bytes. */
export type WheelFile = readonly [path: string, content: Uint8Array];

export interface WheelMetadata {
  readonly name: string;
  readonly version: string;
  readonly summary: string;
  readonly requires?: readonly string[];
  readonly extras?: readonly string[];
  readonly requiresPython?: string;
  readonly license?: string;
  /** text of `entry_points.txt` */
  readonly entryPoints?: string;
}

/** A wheel of pure Python: what it is called, its bytes and their SHA-256. */
export interface Wheel {
  readonly file: string;
  readonly bytes: Uint8Array;
  readonly sha256: string;
  /** the text of METADATA, which indexes may serve beside the wheel */
  readonly metadata: string;
}

/** Makes a wheel whose bytes depend on nothing but what is given. */
export function makeWheel(about: WheelMetadata, files: readonly WheelFile[] = []): Wheel {
  const base = `${about.name.replace(/[-_.]+/g, "_")}-${about.version}`;
  const info = `${base}.dist-info`;
  const metadata = metadataText(about);
  const all: WheelFile[] = [
    ...[...files].sort(([a], [b]) => (a < b ? -1 : 1)),
    [`${info}/METADATA`, utf8ToBytes(metadata)],
    [`${info}/WHEEL`, utf8ToBytes("Wheel-Version: 1.0\nGenerator: switchyard\nRoot-Is-Purelib: true\nTag: py3-none-any\n")],
    ...(about.entryPoints ? [[`${info}/entry_points.txt`, utf8ToBytes(about.entryPoints)] as const] : []),
  ];
  const record = [...all.map(([path, content]) => `${path},sha256=${base64url(sha256(content))},${content.length}`), `${info}/RECORD,,`];
  all.push([`${info}/RECORD`, utf8ToBytes(`${record.join("\n")}\n`)]);
  // the oldest time that a zip can say; as local time, which is what it holds
  const mtime = new Date(1980, 0, 1);
  const bytes = zipSync(Object.fromEntries(all.map(([path, content]) => [path, [content, { mtime, attrs: 0o644 << 16, os: 3 }]])), {
    // a stand-in has nothing to make smaller, and an index lists hundreds of them
    level: files.length === 0 ? 0 : 6,
  });
  return { file: `${base}-py3-none-any.whl`, bytes, sha256: bytesToHex(sha256(bytes)), metadata };
}

function metadataText({ name, version, summary, requires = [], extras = [], requiresPython, license }: WheelMetadata): string {
  const lines = [
    ["Metadata-Version", "2.1"],
    ["Name", name],
    ["Version", version],
    ["Summary", summary],
    ...(license === undefined ? [] : [["License", license]]),
    ...(requiresPython === undefined ? [] : [["Requires-Python", requiresPython]]),
    ...extras.map((extra) => ["Provides-Extra", extra]),
    ...requires.map((requirement) => ["Requires-Dist", requirement]),
  ];
  return lines.map(([key, value]) => `${key}: ${value}\n`).join("");
}

function base64url(bytes: Uint8Array): string {
  const text = btoa(String.fromCharCode(...bytes));
  return text.replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}
