import { BadRequest } from "@switchyard/protocol";

/** How far each log file (by where it is stored) has been sent. */
export type LogPositions = Map<string, number>;

/** The event id of a log stream: `<file>:<offset>` pairs joined by `|`, with `:`, `|`, `%` and line breaks of names escaped. */
export function encodePositions(positions: LogPositions): string {
  return [...positions].map(([file, offset]) => `${escapeName(file)}:${offset}`).join("|");
}

/** The positions in an event id that a client brings back. */
export function decodePositions(eventId: string | null): LogPositions {
  const positions: LogPositions = new Map();
  for (const pair of eventId?.split("|") ?? []) {
    const [, file, offset] = /^([^:]+):(\d{1,15})$/.exec(pair) ?? [];
    if (file === undefined)
      throw new BadRequest(`Last-Event-ID: "${pair}" is not a position of this stream. Connect without it to begin again.`);
    positions.set(unescapeName(file), Number(offset));
  }
  return positions;
}

/** Keeps to characters that a header can carry. */
function escapeName(name: string): string {
  return encodeURIComponent(name).replaceAll("%2F", "/");
}

function unescapeName(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new BadRequest(`Last-Event-ID: "${text}" is not a position of this stream. Connect without it to begin again.`);
  }
}
