import { createCipheriv, createDecipheriv, createHash, randomBytes } from "node:crypto";
import { BadRequest, Conflict } from "@switchyard/protocol";
import type { Store } from "@switchyard/store";
import { type Home, readIfThere, replaceFile } from "../home/home.ts";

const ALGORITHM = "aes-256-gcm";
const KEY_BYTES = 32;
const IV_BYTES = 12;
const TAG_BYTES = 16;
const VERSION = "v1";

/** Encrypts what must not lie in the database as it is (AES-256-GCM). What was sealed for one owner opens for no other. */
export class SecretBox {
  readonly #key: Buffer;
  readonly #agree: (fingerprint: string) => Promise<void>;

  /** `agree` is asked before anything is sealed: servers on one database must do it with one key. */
  constructor(key: Buffer, agree: (fingerprint: string) => Promise<void> = async () => {}) {
    this.#key = key;
    this.#agree = agree;
  }

  async seal(value: object, owner: string): Promise<string> {
    await this.#agree(this.fingerprint);
    const iv = randomBytes(IV_BYTES);
    const cipher = createCipheriv(ALGORITHM, this.#key, iv).setAAD(Buffer.from(owner));
    const sealed = Buffer.concat([cipher.update(JSON.stringify(value), "utf8"), cipher.final()]);
    return `${VERSION}.${Buffer.concat([iv, cipher.getAuthTag(), sealed]).toString("base64url")}`;
  }

  open<T extends object>(text: string, owner: string): T {
    const [version, packed = ""] = text.split(".");
    const bytes = Buffer.from(packed, "base64url");
    try {
      if (version !== VERSION) throw new Error(`its format is ${version}`);
      const decipher = createDecipheriv(ALGORITHM, this.#key, bytes.subarray(0, IV_BYTES)).setAAD(Buffer.from(owner));
      decipher.setAuthTag(bytes.subarray(IV_BYTES, IV_BYTES + TAG_BYTES));
      const opened = Buffer.concat([decipher.update(bytes.subarray(IV_BYTES + TAG_BYTES)), decipher.final()]);
      return JSON.parse(opened.toString("utf8")) as T;
    } catch (cause) {
      throw new Conflict(
        "A stored credential cannot be read with this server's key. Give the server the key it was stored with, or attach again.",
        { cause },
      );
    }
  }

  /** Tells keys apart without telling the key. */
  get fingerprint(): string {
    return createHash("sha256").update("switchyard key ").update(this.#key).digest("hex").slice(0, 16);
  }
}

const MARKER = "keyFingerprint";

/**
 * The key of SWITCHYARD_KEY (base64 of 32 bytes), else of the home's file `key`, made when it is missing. A marker in the
 * database, left with the first credential, tells whether this is the key of the other servers on it.
 */
export async function openSecretBox(home: Home, store: Store, given: string | undefined): Promise<SecretBox> {
  const requireSame = (known: unknown, own: string) => {
    if (known === own) return;
    throw new Conflict(
      `The database (${store.describe()}) holds credentials under key ${String(known)}, but this server has key ${own}. ` +
        `Copy the file "key" of the other server's home to ${home.key}, or set SWITCHYARD_KEY to its content.`,
    );
  };
  const key = given === undefined ? keyOfHome(home) : parseKey(given, "SWITCHYARD_KEY");
  const box = new SecretBox(key, async (own) => requireSame(await store.settings.setOnce(MARKER, own), own));
  const known = await store.settings.get(MARKER);
  if (known !== undefined) requireSame(known, box.fingerprint);
  return box;
}

function keyOfHome(home: Home): Buffer {
  const kept = readIfThere(home.key);
  if (kept !== null) return parseKey(kept, home.key);
  const key = randomBytes(KEY_BYTES);
  replaceFile(home.key, `${key.toString("base64")}\n`);
  return key;
}

function parseKey(text: string, where: string): Buffer {
  const key = Buffer.from(text.trim(), "base64");
  if (key.length !== KEY_BYTES) {
    throw new BadRequest(`${where} must hold base64 of ${KEY_BYTES} bytes; it holds ${key.length}. Make one with: openssl rand -base64 32`);
  }
  return key;
}
