import { readdirSync, realpathSync, statSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { BadRequest, NotFound } from "@switchyard/protocol/errors";
import { inWords, systemCode } from "../systemErrors.ts";

/** A file of this machine, and its path among what is sent: it begins with the name of the file or folder that was named. */
export interface LocalFile {
  readonly path: string;
  readonly file: string;
  readonly size: number;
}

/** The file at `path`, or all files below that folder, by path. Links are followed; one that leads in a circle is refused. */
export function findFiles(path: string): LocalFile[] {
  const real = resolve(path);
  const found: LocalFile[] = [];
  look(real, basename(real), [], found);
  if (found.length === 0) throw new BadRequest(`Folder ${path} has no files.`);
  return found;
}

function look(file: string, path: string, above: readonly string[], found: LocalFile[]): void {
  const seen = examine(file);
  if (seen.isFile()) {
    found.push({ path, file, size: seen.size });
    return;
  }
  if (!seen.isDirectory()) throw new BadRequest(`${file} is neither a file nor a folder.`);
  const here = realpathSync(file);
  if (above.includes(here)) throw new BadRequest(`${file} is a link that leads back to ${here}, which it lies in.`);
  for (const name of readdirSync(file).sort()) look(join(file, name), `${path}/${name}`, [...above, here], found);
}

function examine(file: string) {
  try {
    return statSync(file);
  } catch (error) {
    const code = systemCode(error);
    if (code === "ENOENT" || code === "ENOTDIR") throw new NotFound(`There is no file or folder ${file}.`, { cause: error });
    throw new BadRequest(`${file} cannot be read: ${inWords(error)}.`, { cause: error });
  }
}
