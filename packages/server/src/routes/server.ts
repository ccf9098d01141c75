import type { Handlers } from "../http/handler.ts";
import type { Parts } from "../parts.ts";

/** The server itself. */
export function serverHandlers({ store, engine, client, server }: Parts): Pick<Handlers, "serverStatus" | "stopServer" | "collectGarbage"> {
  return {
    async serverStatus() {
      return {
        pid: process.pid,
        url: client.serverUrl,
        version: server.version,
        home: server.home,
        database: store.describe(),
        startedUtc: server.startedAt.toISOString(),
        instance: server.instance,
        runs: await store.runs.countByStatus(),
      };
    },
    async stopServer() {
      server.requestStop();
    },
    async collectGarbage({ body }) {
      return await engine.collectGarbage(body);
    },
  };
}
