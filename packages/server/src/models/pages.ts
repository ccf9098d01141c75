import { BadRequest, type Page } from "@switchyard/protocol";

/** A page of a list whose pages are counted, with the token of the next one. */
export function pageFrom<T>(items: readonly T[], more: boolean, { limit, offset }: { limit: number; offset: number }): Page<T> {
  return { items, next: more ? encodeOffset(offset + limit) : null };
}

export const encodeOffset = (offset: number): string => Buffer.from(JSON.stringify({ offset })).toString("base64url");

/** Where the page begins that a token names; at the beginning without one. */
export function decodeOffset(token: string | undefined): number {
  if (token === undefined || token === "") return 0;
  try {
    const { offset } = JSON.parse(Buffer.from(token, "base64url").toString()) as { offset?: unknown };
    if (typeof offset === "number" && Number.isSafeInteger(offset) && offset >= 0) return offset;
  } catch {}
  throw new BadRequest(`"${token.slice(0, 40)}" is not the token of a page. Leave it out to begin at the first one.`);
}
