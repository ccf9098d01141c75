import { randomUUID } from "node:crypto";
import { userInfo } from "node:os";
import type { Store } from "@switchyard/store";
import { type Home, readIfThere, replaceFile } from "./home.ts";

/**
 * The name under which the server of this home owns runs. It stays the same over restarts, and the home's lock lets
 * only one process bear it: so a server that comes back after a kill goes on with its runs at once, lease or not.
 */
export function instanceOf(home: Home): string {
  const kept = readIfThere(home.instance);
  if (kept) return kept;
  const made = randomUUID();
  replaceFile(home.instance, `${made}\n`);
  return made;
}

/** The token of the home's owner: the one in the home while the store knows it, else a new one, readable by the owner only. */
export async function ownerToken(home: Home, store: Store): Promise<string> {
  const kept = readIfThere(home.token);
  if (kept && (await store.tokens.verify(kept)) !== undefined) return kept;
  const note = `owner of ${home.path}`;
  const { secret } = await store.tokens.create({ scope: "user", runId: null, user: userName(), note, expiresAt: null });
  replaceFile(home.token, `${secret}\n`);
  return secret;
}

/** The account this server runs under, or null where it has no name (some containers). */
export function userName(): string | null {
  try {
    return userInfo().username;
  } catch {
    return null;
  }
}
