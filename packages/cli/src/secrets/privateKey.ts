import { readFile, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { BadRequest, NotFound } from "@switchyard/protocol/errors";
import type { World } from "../world.ts";

/** Private keys have a few kilobytes; a file beyond this is something else. */
const MOST_BYTES = 64 * 1024;
const PUBLIC_KEY = /^(?:ssh-|ecdsa-|sk-|-----BEGIN (?:RSA |EC )?PUBLIC KEY|---- BEGIN SSH2 PUBLIC KEY)/;
const PRIVATE_KEY = /^(?:-----BEGIN [A-Z ]*PRIVATE KEY-----|PuTTY-User-Key-File-)/;

export interface PrivateKey {
  readonly file: string;
  readonly text: string;
  /** it needs a passphrase */
  readonly encrypted: boolean;
}

/** Reads the file of a private key; what is no private key is refused by name. */
export async function readPrivateKey(
  typed: string,
  world: Pick<World, "cwd" | "env">,
  warn: (sentence: string) => void,
): Promise<PrivateKey> {
  const file = typed.startsWith("~/") ? join(world.env.HOME ?? "~", typed.slice(2)) : resolve(world.cwd, typed);
  const found = await stat(file).catch(() => null);
  if (!found) throw new NotFound(`The private key file "${file}" does not exist.`);
  if (found.isDirectory())
    throw new BadRequest(`"${file}" is a folder. Give the file of the private key in it, like ${join(file, "id_ed25519")}.`);
  if (found.size > MOST_BYTES) throw new BadRequest(`"${file}" is too large for a private key.`);
  const text = await readFile(file, "utf8");
  if (PUBLIC_KEY.test(text.trimStart())) throw await publicKeyGiven(file);
  if (!PRIVATE_KEY.test(text.trimStart())) {
    throw new BadRequest(`"${file}" holds no private key that SSH knows: it does not begin with -----BEGIN … PRIVATE KEY-----.`);
  }
  if ((found.mode & 0o077) !== 0) warn(`The private key "${file}" can be read by other accounts. Close it: chmod 600 ${file}`);
  return { file, text, encrypted: isEncrypted(text) };
}

async function publicKeyGiven(file: string): Promise<BadRequest> {
  const sibling = file.endsWith(".pub") ? file.slice(0, -".pub".length) : null;
  const isThere = sibling !== null && (await stat(sibling).catch(() => null))?.isFile() === true;
  const advice = isThere ? `The private one lies beside it: "${sibling}".` : "Give the private one that belongs to it.";
  return new BadRequest(`"${file}" is a public key, and the private one is needed to log in. ${advice}`);
}

/** Each of the formats that ssh-keygen, openssl and PuTTY write says it in its own way. */
function isEncrypted(text: string): boolean {
  if (/^-----BEGIN ENCRYPTED PRIVATE KEY-----/m.test(text) || /^Proc-Type: 4,ENCRYPTED/m.test(text)) return true;
  const putty = /^Encryption: (.+)$/m.exec(text)?.[1];
  if (putty !== undefined) return putty.trim() !== "none";
  const openSsh = /-----BEGIN OPENSSH PRIVATE KEY-----([^-]+)-----END/.exec(text)?.[1];
  return openSsh !== undefined && cipherOf(Buffer.from(openSsh, "base64")) !== "none";
}

/** `openssh-key-v1\0`, then the cipher's name behind its length. */
function cipherOf(bytes: Buffer): string {
  const at = "openssh-key-v1\0".length;
  if (bytes.length < at + 4) return "none";
  return bytes.subarray(at + 4, at + 4 + bytes.readUInt32BE(at)).toString("latin1");
}
