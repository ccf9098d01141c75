import { readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { BadRequest, NotFound } from "@switchyard/protocol/errors";

const INCLUDES = /^(?:-r|--requirement)(?:\s+|=|(?<=-r))(\S.*)$/;
const OTHER_FILES = /^(?:-c|-e|--constraint|--editable)\b/;

/** The lines of a requirements file, with those of the files that it includes in their places: one list travels, no files. */
export async function requirementLines(file: string, above: readonly string[] = []): Promise<string[]> {
  const path = resolve(file);
  if (above.includes(path)) throw new BadRequest(`"${file}" includes itself, by way of ${[...above, path].slice(1).join(", ")}.`);
  const lines = (await textOf(file)).replace(/\\\r?\n/g, " ").split(/\r?\n/);
  const found: string[] = [];
  for (const raw of lines) {
    const line = raw
      .replace(/(^|\s)#.*$/, "")
      .trim()
      .replace(/\s+/g, " ");
    const included = INCLUDES.exec(line)?.[1];
    if (line === "") continue;
    if (OTHER_FILES.test(line)) {
      throw new BadRequest(
        `"${file}" refers to another file ("${line}"), which the environment is built without. Put versions and packages into the list itself.`,
      );
    }
    if (included === undefined) found.push(line);
    else found.push(...(await requirementLines(resolve(dirname(path), included), [...above, path])));
  }
  return found;
}

/** The text of a conda file in which `- -r requirements.txt` gave way to the lines of that file, found from the conda file's folder. */
export async function withIncludedRequirements(text: string, file: string): Promise<string> {
  const lines: string[] = [];
  for (const line of text.split("\n")) {
    const [, indent = "", quoted = ""] = /^(\s*)-\s+(["']?-(?:r|-requirement)\b.*?)\s*(?:\s#.*)?\r?$/.exec(line) ?? [];
    const included = INCLUDES.exec(quoted.replace(/^(["'])(.*)\1$/, "$2"))?.[1];
    if (included === undefined) lines.push(line);
    else for (const each of await requirementLines(resolve(dirname(file), included))) lines.push(`${indent}- ${JSON.stringify(each)}`);
  }
  return lines.join("\n");
}

async function textOf(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    throw new NotFound(`The requirements file "${file}" does not exist.`, { cause: error });
  }
}
