import { constants } from "node:fs";
import { access, stat, writeFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { BadRequest } from "@switchyard/protocol/errors";
import { messageOf } from "../errors.ts";
import type { World } from "../world.ts";

/** Refuses a file for --output-metadata-file that cannot be written, before a command did what it will report there. */
export async function checkMetadataFile({ cwd }: Pick<World, "cwd">, named: string): Promise<void> {
  const file = resolve(cwd, named);
  const why = await whyNotWritable(file);
  if (why !== null) throw new BadRequest(`Option -t/--output-metadata-file: "${file}" cannot be written. ${why}`);
}

/** Writes the result as JSON. */
export async function writeMetadataFile({ cwd }: Pick<World, "cwd">, named: string, result: unknown): Promise<void> {
  await writeFile(resolve(cwd, named), `${JSON.stringify(result ?? null, null, 2)}\n`);
}

async function whyNotWritable(file: string): Promise<string | null> {
  try {
    const there = await stat(file).catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return null;
      throw error;
    });
    if (there?.isDirectory()) return "It is a folder.";
    await access(there === null ? dirname(file) : file, constants.W_OK);
    return null;
  } catch (error) {
    return messageOf(error);
  }
}
