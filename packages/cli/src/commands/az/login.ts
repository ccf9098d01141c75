import { defineCommand } from "../../command.ts";
import { text, toggle } from "../../flags.ts";
import { sayWhoAnswers, theAccount } from "./answering.ts";

const ACCEPTED = "accepted; nobody signs in with it here";

export const azLogin = defineCommand({
  summary: "Sign in: the token of the home, or SWITCHYARD_TOKEN, says who asks, so nothing is done but looking that the server answers",
  flags: {
    servicePrincipal: toggle({ help: ACCEPTED }),
    identity: toggle({ short: "i", help: ACCEPTED }),
    username: text({ short: "u", help: ACCEPTED }),
    password: text({ short: "p", help: ACCEPTED }),
    tenant: text({ short: "t", help: ACCEPTED }),
    useDeviceCode: toggle({ help: ACCEPTED }),
    allowNoSubscriptions: toggle({ help: ACCEPTED }),
  },
  examples: [["az login", "lists the one subscription of this server"]],
  async act(context) {
    const account = await theAccount(context);
    sayWhoAnswers(context, "Nobody signs in: the token of the server's home says who asks.");
    await context.out.result([account]);
  },
});

export const azLogout = defineCommand({
  summary: "Sign out: there is nothing to end; `switchyard token revoke` ends a token",
  flags: { username: text({ help: ACCEPTED }) },
  examples: [["az logout", "does nothing, and says so"]],
  async act(context) {
    sayWhoAnswers(context, "Nobody was signed in; `switchyard token revoke` ends a token.");
  },
});
