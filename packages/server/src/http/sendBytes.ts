import { Readable } from "node:stream";
import { RangeNotSatisfiable } from "@switchyard/protocol";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { BytesAnswer } from "./handler.ts";
import { type ByteRange, parseRange } from "./ranges.ts";

/** Streams a file or the part of it that was asked for; memory does not grow with its size. */
export function sendBytes(request: FastifyRequest, reply: FastifyReply, answer: BytesAnswer): FastifyReply {
  const etag = answer.sha256 === null ? null : `"${answer.sha256}"`;
  reply.header("accept-ranges", "bytes").header("content-type", answer.contentType).header("x-content-type-options", "nosniff");
  if (etag !== null) reply.header("etag", etag);
  if (etag !== null && request.headers["if-none-match"] === etag) return reply.code(304).send();

  const range = askedRange(request, reply, answer.size, etag);
  const { start, end } = range ?? { start: 0, end: answer.size };
  if (range !== null) reply.code(206).header("content-range", `bytes ${start}-${end - 1}/${answer.size}`);
  reply.header("content-length", end - start);
  if (request.method === "HEAD" || end === start) return reply.send("");
  return reply.send(Readable.from(answer.read({ start, end }), { objectMode: false }));
}

function askedRange(request: FastifyRequest, reply: FastifyReply, size: number, etag: string | null): ByteRange | null {
  const ifRange = request.headers["if-range"];
  if (ifRange !== undefined && ifRange !== etag) return null; // the file changed since: send all of it
  try {
    return parseRange(request.headers.range, size);
  } catch (error) {
    if (error instanceof RangeNotSatisfiable) reply.header("content-range", `bytes */${size}`);
    throw error;
  }
}
