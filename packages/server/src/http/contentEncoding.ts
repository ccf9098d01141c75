import { pipeline, type Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { BadRequest } from "@switchyard/protocol";

/** The bytes of a raw body as they were before the sender compressed them: folders of a snapshot shrink to a third. */
export function decoded(body: Readable, encoding: string | undefined): Readable {
  if (encoding === undefined || encoding === "identity") return body;
  if (encoding !== "gzip")
    throw new BadRequest(`Content-Encoding: ${encoding} is not taken; send gzip or none.`, { details: { field: "Content-Encoding" } });
  const unpacked = createGunzip();
  // an error of either side ends both; whoever reads `unpacked` meets it
  pipeline(body, unpacked, () => {});
  return unpacked;
}

/** Says whether reading a body failed because it was not the gzip that it was announced as. */
export function isBrokenGzip(error: unknown): boolean {
  return error instanceof Error && "code" in error && ["Z_DATA_ERROR", "Z_BUF_ERROR"].includes(String(error.code));
}
