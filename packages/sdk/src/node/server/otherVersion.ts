import type { FoundServer } from "./findServer.ts";

/** What to tell a person whose running server is not of this program's version; null when it is. */
export function otherVersionWarning(home: string, server: FoundServer, own: string): string | null {
  if (server.version === own) return null;
  const order = isNewer(server.version, own) ? "newer" : "older";
  const wayOut = `\`switchyard down\` stops it, then any command starts ${own}`;
  return `The running server of ${home} is Switchyard ${server.version}, ${order} than this program, ${own}; they may misunderstand each other. ${wayOut}.`;
}

function isNewer(version: string, own: string): boolean {
  return version.localeCompare(own, "en", { numeric: true }) > 0;
}
