import { createHash } from "node:crypto";
import { BadRequest } from "@switchyard/protocol";

/** A server's key as `ssh-keygen -l` names it: its kind, and the SHA-256 of its bytes. */
export interface HostKey {
  /** null where only the fingerprint was noted */
  readonly kind: string | null;
  readonly fingerprint: string;
}

/** The key that a server shows, in the wire's form: its kind is its first word. */
export function hostKeyOf(bytes: Buffer): HostKey {
  const kind = bytes.subarray(4, 4 + bytes.readUInt32BE(0)).toString("latin1");
  return { kind, fingerprint: `SHA256:${createHash("sha256").update(bytes).digest("base64").replace(/=+$/, "")}` };
}

export const writeHostKey = ({ kind, fingerprint }: HostKey): string => (kind === null ? fingerprint : `${kind} ${fingerprint}`);

/** Reads `ssh-ed25519 SHA256:…`, a fingerprint alone, or a line of `known_hosts` or of a `.pub` file. */
export function readHostKey(text: string): HostKey {
  const words = text.trim().split(/\s+/);
  const fingerprint = words.find((word) => /^SHA256:[A-Za-z0-9+/]{43}=?$/.test(word));
  const kindAt = words.findIndex((word) => /^(ssh|ecdsa|sk)-/.test(word));
  const kind = words[kindAt] ?? null;
  if (fingerprint !== undefined) return { kind, fingerprint: fingerprint.replace(/=$/, "") };
  const blob = kindAt < 0 ? undefined : words[kindAt + 1];
  if (blob !== undefined && /^AAAA[A-Za-z0-9+/]+=*$/.test(blob)) return hostKeyOf(Buffer.from(blob, "base64"));
  throw new BadRequest(
    `"${text.slice(0, 100)}" is no host key. Give its fingerprint (SHA256:…, as ssh-keygen -lf prints it) or its line of known_hosts.`,
  );
}

/** Algorithms to ask for, so that a server with several keys shows the one that was noted. Null: whatever it likes best. */
export function algorithmsFor(kind: string | null): readonly string[] | null {
  if (kind === null) return null;
  return kind === "ssh-rsa" ? ["rsa-sha2-512", "rsa-sha2-256", "ssh-rsa"] : [kind];
}
