import { join } from "node:path";
import { openStore } from "@switchyard/store";
import type { TemporaryServer } from "./temporaryServer.ts";

/** The headers of a request with a run's own token. */
export async function asRun(server: TemporaryServer, runId: string): Promise<{ authorization: string }> {
  const store = await openStore(`sqlite:${join(server.home, "switchyard.db")}`);
  try {
    const { secret } = await store.tokens.create({ scope: "run", runId, user: null, note: "", expiresAt: null });
    return { authorization: `Bearer ${secret}` };
  } finally {
    await store.close();
  }
}
