import { defineCommand } from "../../command.ts";

export const revokeToken = defineCommand({
  summary: "Revoke a token",
  args: { tokenId: "id of the token, as `switchyard token list` shows it" },
  examples: [["switchyard token revoke TOKEN", "whoever has it is refused from now on"]],
  async act({ args, connect, out }) {
    await (await connect()).revokeToken({ params: { tokenId: args.tokenId } });
    await out.result({ tokenId: args.tokenId, revoked: true }, { human: () => `Revoked ${args.tokenId}.` });
  },
});
