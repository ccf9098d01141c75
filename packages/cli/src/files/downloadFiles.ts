import { createHash } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { mkdir, rename, rm, stat } from "node:fs/promises";
import { dirname, isAbsolute, join, relative, resolve, sep } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { ReadableStream } from "node:stream/web";
import type { RunFile } from "@switchyard/protocol";
import { AlreadyExists, ChecksumMismatch, PathEscape } from "@switchyard/protocol/errors";
import type { Context } from "../command.ts";
import { bytesInWords, counted } from "../output/words.ts";

type Params = { readonly workspace: string; readonly runId: string };

/** Brings the files of a run whose path begins with one of `prefixes` below `folder`, as `bringFiles` does. */
export async function downloadFiles(
  context: Surroundings,
  params: Params,
  folder: string,
  prefixes: readonly string[],
  overwrite: boolean,
): Promise<void> {
  const api = await context.connect();
  const lists = await Promise.all(prefixes.map((prefix) => api.listRunFiles({ params, query: { prefix } })));
  const read = (path: string) => api.readRunFile({ params: { ...params, path } });
  const files = await bringFiles(context, lists.flat(), read, folder, overwrite);
  await context.out.result(files.result, { human: () => files.sentence("The run has no such files (yet).") });
}

type Surroundings = Pick<Context, "connect" | "out" | "world">;

/** A file on the server; a log has no announced hash. */
type RemoteFile = Pick<RunFile, "path" | "size" | "sha256">;
type Read = (path: string) => Promise<Response>;

/** What came of a download. */
export interface BroughtFiles {
  readonly result: readonly (RemoteFile & { readonly file: string })[];
  /** for a person; `none` when there was nothing to bring */
  sentence(none: string): string;
}

/**
 * Brings files below `folder`. A file that is there with the same content is kept; one that differs is an error, told before
 * anything is written, unless `overwrite`.
 */
export async function bringFiles(
  { out, world }: Surroundings,
  remote: readonly RemoteFile[],
  read: Read,
  folder: string,
  overwrite: boolean,
): Promise<BroughtFiles> {
  const root = resolve(world.cwd, folder);
  const files = remote.map(({ path, size, sha256 }) => ({ path, size, sha256, to: pathBelow(root, path) }));
  const wanted: Planned[] = [];
  for (const file of files) if (!(await isSame(read, file))) wanted.push(file);
  if (!overwrite) await refuseToReplace(wanted);
  const total = wanted.reduce((sum, file) => sum + file.size, 0);
  await out.progress.during(`Downloading ${bytesInWords(total)} …`, async (say) => {
    for (const [i, file] of wanted.entries()) {
      say(`Downloading ${file.path} (${i + 1} of ${wanted.length})`);
      await downloadFile(read, file);
    }
  });
  return {
    result: files.map(({ path, size, sha256, to }) => ({ path, size, sha256, file: to })),
    sentence: (none) => (files.length === 0 ? none : sentence(files.length, wanted.length, total, relative(world.cwd, root) || ".")),
  };
}

function sentence(all: number, written: number, bytes: number, folder: string): string {
  const kept = all === written ? "" : ` ${counted(all - written, "file was", "files were")} there already.`;
  return `Wrote ${counted(written, "file")} (${bytesInWords(bytes)}) to ${folder}.${kept}`;
}

/** Where a file goes; a path that leads out of the folder is refused, whoever sent it. */
export function pathBelow(root: string, path: string): string {
  const to = resolve(root, path);
  const way = relative(root, to);
  if (way === "" || way === ".." || way.startsWith(`..${sep}`) || isAbsolute(way)) {
    throw new PathEscape(`The server names a file "${path}", which leads out of ${root}. Nothing was written.`);
  }
  return to;
}

type Planned = RemoteFile & { readonly to: string };

/** Does the file that is there hold the same bytes? A log has no announced hash: its bytes are asked for. */
async function isSame(read: Read, { path, to, size, sha256 }: Planned): Promise<boolean> {
  const there = await stat(to).catch(() => null);
  if (!there?.isFile() || there.size !== size) return false;
  const theirs = sha256 ?? (await hashOf(bodyOf(await read(path))));
  return (await hashOf(createReadStream(to))) === theirs;
}

async function hashOf(bytes: Readable): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(bytes, hash);
  return hash.digest("hex");
}

function bodyOf(response: Response): Readable {
  return response.body === null ? Readable.from([]) : Readable.fromWeb(response.body as ReadableStream);
}

async function refuseToReplace(files: readonly Planned[]): Promise<void> {
  for (const { to } of files) {
    if (await stat(to).catch(() => null)) {
      throw new AlreadyExists(`"${to}" exists and differs. Give --overwrite to replace it, or another folder.`);
    }
  }
}

/** Writes to a temporary name and renames, so that a broken transfer never looks like a file. */
async function downloadFile(read: Read, { path, sha256, to }: Planned): Promise<void> {
  await mkdir(dirname(to), { recursive: true });
  const partial = join(dirname(to), `.${process.pid}-${crypto.randomUUID()}.partial`);
  try {
    const body = bodyOf(await read(path));
    const hash = createHash("sha256");
    body.on("data", (chunk: Uint8Array) => hash.update(chunk));
    await pipeline(body, createWriteStream(partial, { flags: "wx" }));
    if (sha256 !== null && hash.digest("hex") !== sha256) {
      throw new ChecksumMismatch(`"${path}" arrived with other bytes than the server announced. Try again.`);
    }
    await rename(partial, to);
  } finally {
    await rm(partial, { force: true });
  }
}
