import { type IncomingMessage, request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import { BadRequest, Conflict, Forbidden, NotFound, SwitchyardError, TooLarge } from "@switchyard/protocol";
import { lookUpPublic, requirePublic } from "./publicAddress.ts";

const MOST_REDIRECTS = 5;
/** A server that says nothing for so long is given up. */
const SILENCE_MS = 60_000;

export interface WebRequest {
  readonly method: "GET" | "HEAD" | "PUT";
  readonly headers?: Readonly<Record<string, string>>;
  /** the operator named the place: it may be on this machine */
  readonly trusted: boolean;
  readonly body?: { readonly size: number; read(): AsyncIterable<Uint8Array> };
}

/** Asks a web server, follows it where it sends us, and answers what came with a good status. The body has to be read or destroyed. */
export async function askWeb(address: string, request: WebRequest): Promise<IncomingMessage> {
  let at = new URL(address);
  for (let redirects = 0; ; redirects++) {
    const answer = await send(at, request);
    const { statusCode = 0, headers } = answer;
    if (statusCode >= 200 && statusCode < 300) return answer;
    const detail = await beginningOf(answer);
    if (![301, 302, 303, 307, 308].includes(statusCode) || headers.location === undefined) throw refused(shown(at), statusCode, detail);
    if (redirects === MOST_REDIRECTS)
      throw new BadRequest(`${shown(at)} sends on more than ${MOST_REDIRECTS} times. Give the last address itself.`);
    const next = new URL(headers.location, at);
    if (next.host !== at.host && request.headers?.authorization !== undefined)
      throw refused(shown(at), statusCode, "it sends on to another host");
    at = next;
  }
}

/** The bytes of an answer; TooLarge beyond `limit`, Conflict when fewer came than were announced. */
export async function* bodyOf(answer: IncomingMessage, address: string, limit: number): AsyncGenerator<Uint8Array> {
  const announced = Number(answer.headers["content-length"] ?? Number.NaN);
  if (announced > limit) throw tooLarge(address, limit);
  let size = 0;
  try {
    for await (const bytes of answer as AsyncIterable<Uint8Array>) {
      size += bytes.length;
      if (size > limit) throw tooLarge(address, limit);
      yield bytes;
    }
  } catch (error) {
    if (error instanceof SwitchyardError) throw error;
    throw brokenOff(address, error);
  } finally {
    answer.destroy();
  }
  if (!Number.isNaN(announced) && size !== announced) throw brokenOff(address, `${size} of ${announced} bytes came`);
}

/** An address without what may be a secret in it. */
export function shown(address: string | URL): string {
  const url = new URL(address);
  return `${url.origin}${url.pathname}`;
}

function send(at: URL, { method, headers = {}, trusted, body }: WebRequest): Promise<IncomingMessage> {
  if (at.protocol !== "http:" && at.protocol !== "https:") throw new BadRequest(`${shown(at)}: data is read over http and https only.`);
  if (!trusted) requirePublic(at.hostname);
  const start = at.protocol === "https:" ? requestHttps : requestHttp;
  return new Promise((resolve, reject) => {
    const length = body === undefined ? {} : { "content-length": String(body.size) };
    // as they are: a body that is unpacked on the way has another length than was announced
    const asked = { method, headers: { "accept-encoding": "identity", "user-agent": "switchyard", ...length, ...headers } };
    const request = start(at, { ...asked, ...(trusted ? {} : { lookup: lookUpPublic }) });
    request.setTimeout(SILENCE_MS, () => request.destroy(new Error(`it said nothing for ${SILENCE_MS / 1000} seconds`)));
    request.on("response", resolve);
    request.on("error", (error) => reject(error instanceof SwitchyardError ? error : brokenOff(shown(at), error)));
    if (body === undefined) request.end();
    else void write(body.read(), request).catch((error: Error) => request.destroy(error));
  });
}

async function write(content: AsyncIterable<Uint8Array>, request: ReturnType<typeof requestHttp>): Promise<void> {
  for await (const bytes of content) {
    if (!request.write(bytes)) await new Promise((resolve) => request.once("drain", resolve).once("close", resolve));
  }
  request.end();
}

async function beginningOf(answer: IncomingMessage): Promise<string> {
  let text = "";
  try {
    for await (const bytes of answer as AsyncIterable<Uint8Array>) {
      text += Buffer.from(bytes).toString("utf8");
      if (text.length > 2000) break;
    }
  } catch {
    // the status says enough
  }
  answer.destroy();
  return /<Code>([^<]+)<\/Code>/.exec(text)?.[1] ?? "";
}

function refused(address: string, status: number, detail: string): SwitchyardError {
  const said = detail === "" ? `${status}` : `${status}, ${detail}`;
  if (status === 404) return new NotFound(`There is nothing at ${address} (${said}).`);
  if (status === 401 || status === 403)
    return new Forbidden(`${address} may not be read (${said}). Give the datastore credentials that allow it.`);
  return new Conflict(`${address} cannot be read now (${said}). Try again later.`);
}

const tooLarge = (address: string, limit: number) =>
  new TooLarge(
    `${address} has more than ${limit} bytes, the most that this server fetches (setting fetchLimitBytes). Upload it to a datastore instead.`,
  );

const brokenOff = (address: string, why: unknown) =>
  new Conflict(`${address} could not be read: ${why instanceof Error ? why.message : String(why)}. Try again.`, { cause: why });
