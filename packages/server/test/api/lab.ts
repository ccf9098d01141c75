// A whole server for the tests of a file: real store, artifacts, engine and local driver.
import { afterAll, beforeAll } from "vitest";
import { TemporaryServer } from "../support/temporaryServer.ts";

/** Starts a server before the tests of a file and ends it after them; what is answered names it once they run. */
export function serverOfFile(): () => TemporaryServer {
  let server: TemporaryServer;
  beforeAll(async () => {
    server = await TemporaryServer.start({ heartbeatSeconds: 0.1 });
  });
  afterAll(() => server.close());
  return () => server;
}

export const WS = "/workspaces/default";
