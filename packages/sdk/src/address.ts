import { BadRequest } from "@switchyard/protocol/errors";

/** The version of the API this client speaks. */
const API_PREFIX = "/api/v1";

type Values = Readonly<Record<string, unknown>>;

/** The URL of one request: parameters put into the path, encoded, and the query behind it. */
export function addressOf(server: string, path: string, params: Values = {}, query: Values = {}): string {
  const search = new URLSearchParams(
    Object.entries(query).flatMap(([name, value]) => valuesOf(value).map((one): [string, string] => [name, one])),
  );
  return `${server}${API_PREFIX}${fillIn(path, params)}${search.size > 0 ? `?${search}` : ""}`;
}

function fillIn(path: string, params: Values): string {
  return path.replace(/\{(\w+)(\*?)\}/g, (_, name: string, rest: string) => {
    const given = params[name];
    const value = typeof given === "number" ? String(given) : given;
    if (typeof value !== "string" || value === "") throw new BadRequest(`Parameter "${name}" of ${path} is missing.`);
    return rest === "*"
      ? value
          .split("/")
          .map((part) => encodePart(part, name))
          .join("/")
      : encodePart(value, name);
  });
}

/** A part of only dots would be resolved by the URL parser and lead to another address, encoded or not. */
function encodePart(part: string, name: string): string {
  if (part === "." || part === "..") throw new BadRequest(`Parameter "${name}" may not have the part "${part}".`);
  return encodeURIComponent(part);
}

function valuesOf(value: unknown): string[] {
  if (value === undefined || value === null) return [];
  return Array.isArray(value) ? value.map(String) : [String(value)];
}
