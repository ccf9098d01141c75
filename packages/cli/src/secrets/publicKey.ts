import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { BadRequest, NotFound } from "@switchyard/protocol/errors";
import type { World } from "../world.ts";

const IN_ONE_LINE = /^(?:ssh|ecdsa|sk)-\S+ [A-Za-z0-9+/]+=*/;

/** A public SSH key: the text itself, or what the named file holds. */
export async function readPublicKey(typed: string, world: Pick<World, "cwd" | "env">): Promise<string> {
  if (IN_ONE_LINE.test(typed.trim())) return typed.trim();
  const file = typed.startsWith("~/") ? join(world.env.HOME ?? "~", typed.slice(2)) : resolve(world.cwd, typed);
  const text = await readFile(file, "utf8").catch((cause: NodeJS.ErrnoException) => {
    if (cause.code !== "ENOENT") throw cause;
    throw new NotFound(`The public key file "${file}" does not exist, and the text itself is no public key either.`, { cause });
  });
  if (IN_ONE_LINE.test(text.trim())) return text.trim();
  const isPrivate = text.includes("PRIVATE KEY-----");
  throw new BadRequest(
    isPrivate
      ? `"${file}" is a private key: keep it. The public one is needed, usually ${file}.pub.`
      : `"${file}" holds no public SSH key.`,
  );
}
