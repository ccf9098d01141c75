import { defineCommand } from "../../command.ts";
import { seconds, text } from "../../flags.ts";

export const createToken = defineCommand({
  summary: "Make a token; its secret is shown this once",
  flags: {
    note: text({ default: "", help: "what it is for" }),
    user: text({ help: "whom it stands for", valueName: "NAME" }),
    expires: seconds({ help: "how long it is valid; default: until it is revoked" }),
  },
  examples: [["switchyard token create --note laptop --expires 90d", "for 90 days"]],
  async act({ connect, flags, out }) {
    const body = {
      note: flags.note,
      ...(flags.user === undefined ? {} : { user: flags.user }),
      ...(flags.expires === undefined ? {} : { expiresSeconds: flags.expires }),
    };
    const token = await (await connect()).createToken({ body });
    await out.result(token, {
      human: () =>
        `${token.secret}\n\nKeep this secret: it is not shown again. Take it back with \`switchyard token revoke ${token.tokenId}\`.`,
    });
  },
});
