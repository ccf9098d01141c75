/** The header in which a server says its version. */
const HEADER = "switchyard-version";
/** Status codes by which a server refuses what it does not know. */
const OF_THE_UNKNOWN = new Set([400, 404, 405, 501]);

/** The version that answered, when it is at least a minor one away from the program's own; null when not, or when nobody says. */
export function otherVersionOf(response: Response, own: string | undefined): string | null {
  const server = response.headers.get(HEADER);
  return server === null || own === undefined || stepsBetween(own, server) === 0 ? null : server;
}

/** How many minor versions `server` is ahead of `own`; a major one counts as many. */
export function stepsBetween(own: string, server: string): number {
  const [major = 0, minor = 0] = own.split(".").map(Number);
  const [serverMajor = 0, serverMinor = 0] = server.split(".").map(Number);
  const steps = (serverMajor - major) * 100 + serverMinor - minor;
  return Number.isNaN(steps) ? 0 : steps;
}

/** What to add to a refusal that may come from the difference of versions. */
export function versionAdvice(response: Response, own: string | undefined, url: string): string {
  const server = otherVersionOf(response, own);
  if (server === null || own === undefined || !OF_THE_UNKNOWN.has(response.status)) return "";
  return ` ${describeVersions(own, server, url)} If it knows no such thing, that may be why: use one version of both.`;
}

/** Which of the two is newer. */
export function describeVersions(own: string, server: string, url: string): string {
  const order = stepsBetween(own, server) > 0 ? "newer" : "older";
  return `The server at ${url} is Switchyard ${server}, ${order} than this program, ${own}.`;
}
