import { BadRequest } from "@switchyard/protocol";

export type DatabaseAddress =
  | { readonly kind: "sqlite"; readonly file: string; readonly description: string }
  | { readonly kind: "postgres"; readonly url: string; readonly description: string };

/** Reads `sqlite:/path/file.db`, `sqlite::memory:` or `postgres://user@host:port/name`. `description` has no password. */
export function parseDatabaseUrl(url: string): DatabaseAddress {
  const sqlite = /^sqlite:(?:\/\/(?=\/))?(.+)$/.exec(url)?.[1];
  if (sqlite) return { kind: "sqlite", file: sqlite, description: `sqlite:${sqlite}` };
  if (/^postgres(ql)?:\/\//.test(url)) return { kind: "postgres", url, description: withoutPassword(url) };
  const shown = /^[A-Za-z0-9+.-]*/.exec(url)?.[0];
  throw new BadRequest(
    `The database address that begins with "${shown}" is not one Switchyard knows. Use sqlite:/path/file.db or postgres://user@host:5432/name.`,
  );
}

function withoutPassword(url: string): string {
  try {
    const parsed = new URL(url);
    parsed.password = "";
    for (const key of [...parsed.searchParams.keys()]) if (/pass|key/i.test(key)) parsed.searchParams.delete(key);
    return parsed.toString();
  } catch (cause) {
    throw new BadRequest("The postgres:// database address is not a valid URL; special characters in a password must be percent-encoded.", {
      cause,
    });
  }
}
