import { defineCommand } from "../../command.ts";
import { localTime } from "../../output/words.ts";

export const listTokens = defineCommand({
  summary: "List tokens; their secrets are not kept",
  examples: [["switchyard token list", "who may use this server"]],
  async act({ connect, out }) {
    const tokens = await (await connect()).listTokens({});
    await out.result(tokens, {
      rows: () =>
        tokens.map(({ tokenId, scope, user, runId, note, createdUtc, expiresUtc, revokedUtc }) => ({
          tokenId,
          scope,
          for: runId ?? user,
          note,
          created: localTime(createdUtc),
          expires: localTime(expiresUtc),
          revoked: localTime(revokedUtc),
        })),
    });
  },
});
