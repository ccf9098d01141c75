import type { ErrorCode, Problem } from "@switchyard/protocol";
import { RemoteError, ServerUnreachable } from "@switchyard/protocol/errors";
import type { Connection } from "./request.ts";
import { versionAdvice } from "./versions.ts";

/** The error that a response tells of: a problem body, or what can be said about any other body. */
export async function errorOf(response: Response, { version, url }: Pick<Connection, "version" | "url">): Promise<RemoteError> {
  const text = await response.text().catch(() => "");
  const problem = parseProblem(text) ?? describeOther(response, text);
  return new RemoteError({ ...problem, detail: problem.detail + versionAdvice(response, version, url) });
}

function parseProblem(text: string): Problem | null {
  try {
    const body = JSON.parse(text);
    return typeof body?.code === "string" && typeof body?.detail === "string" ? body : null;
  } catch {
    return null;
  }
}

const CODE_OF_STATUS: Readonly<Record<number, ErrorCode>> = {
  400: "bad_request", 401: "unauthenticated", 403: "forbidden", 404: "not_found", 409: "conflict", 413: "too_large",
  416: "range_not_satisfiable", 501: "not_implemented", 502: "server_unreachable", 503: "server_unreachable", 504: "server_unreachable",
}; // biome-ignore format: one table

/** Something between us and the server answered, such as a proxy: its first words help a person to find it. */
function describeOther(response: Response, text: string): Problem {
  const words = text
    .replace(/<[^>]*>/g, " ")
    .replace(/\s+/g, " ")
    .trim()
    .slice(0, 200);
  return {
    type: "about:blank",
    title: response.statusText,
    status: response.status,
    code: CODE_OF_STATUS[response.status] ?? "internal",
    detail: `${new URL(response.url).origin} answered ${response.status} ${response.statusText}${words === "" ? "" : `: ${words}`}${
      response.status === 404 && words !== "" ? " Is this the address of a Switchyard server?" : ""
    }`,
  };
}

/** The error for a server that did not answer at all. */
export function unreachable(server: string, cause: unknown): ServerUnreachable {
  return new ServerUnreachable(
    `No Switchyard server answers at ${server} (${reasonOf(cause)}). Is it running? \`switchyard up\` starts one on this machine.`,
    {
      cause,
      details: { url: server },
    },
  );
}

const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: "connection refused",
  ECONNRESET: "connection reset",
  ENOTFOUND: "unknown host",
  ERR_INVALID_URL: "that is no address: one begins with http:// or https://",
  EAI_AGAIN: "host name cannot be resolved now",
  ETIMEDOUT: "no answer in time",
  UND_ERR_SOCKET: "connection lost",
  UND_ERR_CONNECT_TIMEOUT: "no answer in time",
};

function reasonOf(error: unknown): string {
  const code = codeOf(error);
  if (code !== null) return REASONS[code] ?? code;
  return error instanceof Error ? error.message : String(error);
}

/** The system's code behind a failed fetch, wherever in the chain of causes it is. */
export function codeOf(error: unknown): string | null {
  for (let at = error; at instanceof Error; at = at.cause) {
    if ("code" in at && typeof at.code === "string") return at.code;
    if (at instanceof AggregateError) at.cause ??= at.errors[0];
  }
  return null;
}
