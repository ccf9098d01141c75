// Ports for programs that are told theirs.
import { once } from "node:events";
import { createServer } from "node:net";

/**
 * Below those that systems give to whoever wants any port, which is what most programs of the tests do: between two starts of a
 * program nobody is given its port by chance.
 */
const FIRST = 12_000;
const COUNT = 20_000;
let next = Math.floor(Math.random() * COUNT);

/** A port of 127.0.0.1 on which nobody listens, and another one each time. */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < COUNT; tries += 1) {
    next = (next + 1) % COUNT;
    if (await isFree(FIRST + next)) return FIRST + next;
  }
  throw new Error(`There is no free port from ${FIRST} to ${FIRST + COUNT - 1}.`);
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, "127.0.0.1");
  try {
    await once(server, "listening");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EADDRINUSE") return false;
    throw error;
  }
  server.close();
  await once(server, "close");
  return true;
}
