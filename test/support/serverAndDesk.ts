import { afterAll, beforeAll } from "vitest";
import { Desk } from "./desk.ts";
import { LiveServer, type LiveServerOptions } from "./liveServer.ts";

/** A server and a person's project folder that all tests of a file share: started before the first, gone after the last. */
export function serverAndDesk(options?: LiveServerOptions): { readonly server: LiveServer; readonly desk: Desk } {
  const server = new LiveServer(options);
  const desk = new Desk();
  beforeAll(() => server.start());
  afterAll(async () => {
    await server.close();
    await desk.close();
  });
  return { server, desk };
}
