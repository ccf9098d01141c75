import http, { type ClientRequest, type IncomingMessage } from "node:http";
import https from "node:https";
import { text } from "node:stream/consumers";
import type { StreamedRequest } from "../methods.ts";

/**
 * Sends a streamed body as fetch does, without what fetch does to it: a piece is written where it lies, and the next one is
 * asked for when the system has taken it, so that a sender can read a gigabyte into one buffer.
 */
export function sendOverHttp(address: string, { method, headers, signal, body }: StreamedRequest): Promise<Response> {
  const { request: start } = address.startsWith("https:") ? https : http;
  const request = start(address, { method, headers: Object.fromEntries(headers), ...(signal && { signal }) });
  const answer = new Promise<Response>((resolve, reject) => {
    request.once("response", (incoming) => responseOf(address, incoming).then(resolve, (error) => reject(failed(error))));
    request.on("error", (error) => reject(failed(error)));
  });
  const sent = write(request, body);
  // the source's own error comes out as itself, and an answer that comes before the end of the body is the answer
  return Promise.race([answer, sent.then(() => answer)]).finally(() => {
    if (!request.writableFinished) request.destroy();
  });
}

async function write(request: ClientRequest, body: AsyncIterable<Uint8Array>): Promise<void> {
  let isOver = false;
  let goOn = () => {};
  const stop = () => {
    isOver = true;
    goOn();
  };
  request.once("response", stop).once("close", stop);
  for await (const piece of body) {
    await new Promise<void>((resolve) => {
      goOn = resolve;
      request.write(piece, () => resolve());
    });
    if (isOver) return;
  }
  request.end();
}

async function responseOf(url: string, incoming: IncomingMessage): Promise<Response> {
  const body = await text(incoming);
  const headers = Object.entries(incoming.headers).map(([name, value]): [string, string] => [name, String(value)]);
  const status = incoming.statusCode ?? 500;
  const response = new Response(status === 204 ? null : body, { status, statusText: incoming.statusMessage ?? "", headers });
  return Object.defineProperty(response, "url", { value: url });
}

/** As fetch puts it, which is how the client knows that no answer came. */
const failed = (cause: unknown) => new TypeError("fetch failed", { cause });
