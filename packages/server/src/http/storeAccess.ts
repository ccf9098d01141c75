import type { Store } from "@switchyard/store";
import type { AccessFacts } from "./access.ts";

/** The facts that access is decided by, from the store. */
export function accessFromStore(store: Store): AccessFacts {
  return {
    async verify(secret) {
      const token = await store.tokens.verify(secret);
      return token && { scope: token.scope, tokenId: token.tokenId, user: token.user, runId: token.runId };
    },
    run: (runId) => store.runs.get(runId),
    hasWorkspace: async (name) => (await store.workspaces.get(name)) !== undefined,
  };
}
