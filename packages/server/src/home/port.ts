import { randomInt } from "node:crypto";
import { Conflict } from "@switchyard/protocol";
import { type Home, readIfThere, replaceFile } from "./home.ts";

/** Below the ports that systems hand out to outgoing connections, so that our port is still free after a restart. */
const FIRST_PORT = 20_000;
const LAST_PORT = 32_000;
const TRIES = 20;

/**
 * Listens on the port that was asked for, else on the one this home had before, else on a free one, and keeps it: runs
 * that outlive a server find the next one at the same address.
 */
export async function listenOnPort(home: Home, asked: number | null, listen: (port: number) => Promise<number>): Promise<number> {
  if (asked !== null) return listenThere(asked, listen);
  const before = Number(readIfThere(home.port)) || null;
  for (const port of [...(before === null ? [] : [before]), ...somePorts(), 0]) {
    const got = await listen(port).catch(ifTaken);
    if (got === null) continue;
    if (got !== before) replaceFile(home.port, `${got}\n`, 0o644);
    return got;
  }
  throw new Conflict("No free port was found to listen on. Choose one with --port.");
}

async function listenThere(port: number, listen: (port: number) => Promise<number>): Promise<number> {
  const got = await listen(port).catch(ifTaken);
  if (got === null) throw new Conflict(`Port ${port} is taken by another program. Choose another one, or leave --port out.`);
  return got;
}

function somePorts(): number[] {
  return Array.from({ length: TRIES }, () => randomInt(FIRST_PORT, LAST_PORT));
}

/** Answers null for a port that another program has; other errors go on. */
function ifTaken(error: unknown): null {
  const { code } = error as NodeJS.ErrnoException;
  if (code === "EADDRINUSE" || code === "EACCES") return null;
  throw error;
}
