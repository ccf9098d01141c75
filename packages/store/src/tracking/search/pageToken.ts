import { BadRequest } from "@switchyard/protocol";

/** A token for the page that begins after `offset` things. */
export function pageTokenOf(offset: number): string {
  return Buffer.from(JSON.stringify({ offset })).toString("base64");
}

/** Where a page begins. Throws BadRequest for anything that is no token of ours. */
export function offsetOf(token: string | undefined): number {
  if (token === undefined || token === "") return 0;
  try {
    const { offset } = JSON.parse(Buffer.from(token, "base64").toString()) as { offset?: unknown };
    if (typeof offset === "number" && Number.isSafeInteger(offset) && offset >= 0) return offset;
  } catch {}
  throw new BadRequest(`Invalid page token: "${token.slice(0, 60)}" is not the next_page_token of an earlier answer.`);
}
