import { NotFound } from "@switchyard/protocol";
import type { Handlers } from "../http/handler.ts";
import type { Parts } from "../parts.ts";

/** Tokens of people. Those of runs are made with the run. */
export function tokenHandlers({ store }: Parts): Pick<Handlers, "listTokens" | "createToken" | "revokeToken"> {
  return {
    async listTokens() {
      return await store.tokens.list();
    },
    async createToken({ body, caller }) {
      const expiresAt = body.expiresSeconds === undefined ? null : new Date(Date.now() + body.expiresSeconds * 1000);
      const user = body.user ?? caller.user;
      const { token, secret } = await store.tokens.create({ scope: "user", runId: null, user, note: body.note, expiresAt });
      return { ...token, secret };
    },
    async revokeToken({ params }) {
      if (!(await store.tokens.revoke(params.tokenId))) throw new NotFound(`There is no token "${params.tokenId}".`);
    },
  };
}
