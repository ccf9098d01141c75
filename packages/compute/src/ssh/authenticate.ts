import type { AnyAuthMethod, ParsedKey } from "ssh2";
import ssh2 from "ssh2";
import { type SshReason, unusable } from "./explain.ts";
import { nameOf, type SshServer } from "./settings.ts";

type Method = AnyAuthMethod | false;

/** Logs in one way, asks the server first which ways it takes, and can say afterwards why it did not work. */
export class Authentication {
  readonly #server: SshServer;
  readonly #methods: AnyAuthMethod[];
  #offered: readonly string[] | null = null;
  #tried = false;
  #partly = false;

  /** Throws when the key cannot be used or there is no agent. */
  constructor(server: SshServer) {
    this.#server = server;
    this.#methods = methodsOf(server);
  }

  /** The `authHandler` of ssh2. */
  next(offered: readonly string[] | null, partlySucceeded: boolean | null): Method {
    if (offered === null) return { type: "none", username: this.#server.username };
    this.#offered = offered;
    this.#partly ||= partlySucceeded === true;
    for (;;) {
      const method = this.#methods.shift();
      if (method === undefined) return false;
      if (!offered.includes(wireName(method))) continue;
      this.#tried = true;
      return method;
    }
  }

  explain(cause: unknown): Error {
    const server = this.#server;
    const who = nameOf(server);
    const taken = (this.#offered ?? []).join(", ") || "nothing";
    const say = (reason: SshReason, words: string) => unusable(server, reason, words, cause);
    if (this.#partly)
      return say("second_factor", `${who} asks for a second proof besides this one (${taken}). Use an account or key that needs only one.`);
    if (server.auth.kind === "password") {
      return this.#tried
        ? say("wrong_password", `${who} does not take this password. Check user name and password.`)
        : say("password_not_taken", `${who} takes no passwords, only: ${taken}. Attach it with a private key.`);
    }
    if (!this.#tried) return say("wrong_key", `${who} takes no keys, only: ${taken}. Attach it with a password.`);
    return server.auth.kind === "agent"
      ? say(
          "wrong_key",
          `${who} takes none of the keys of the SSH agent. Add the right one with ssh-add, or its public half to ~/.ssh/authorized_keys there.`,
        )
      : say(
          "wrong_key",
          `${who} does not take this key (${this.#kindOfKey()}). Add its public half to ~/.ssh/authorized_keys there; an old server may not know this kind of key.`,
        );
  }

  #kindOfKey(): string {
    const { auth } = this.#server;
    return auth.kind === "key" ? parse(this.#server, auth.privateKey, auth.passphrase).type : "";
  }
}

const wireName = (method: AnyAuthMethod): string => (method.type === "agent" ? "publickey" : method.type);

function methodsOf(server: SshServer): AnyAuthMethod[] {
  const { username, auth } = server;
  switch (auth.kind) {
    case "password": {
      const { password } = auth;
      // Many servers ask for the password as a question and answer.
      const prompt: AnyAuthMethod = {
        type: "keyboard-interactive",
        username,
        prompt: (_name, _instructions, _language, questions, answer) => answer(questions.map(() => password)),
      };
      return [{ type: "password", username, password }, prompt];
    }
    case "key":
      return [{ type: "publickey", username, key: parse(server, auth.privateKey, auth.passphrase) }];
    case "agent": {
      const socket = auth.socket ?? process.env.SSH_AUTH_SOCK;
      if (!socket)
        throw unusable(
          server,
          "no_agent",
          `There is no SSH agent for ${nameOf(server)}: SSH_AUTH_SOCK is not set. Start one, or give a private key.`,
        );
      return [{ type: "agent", username, agent: socket }];
    }
  }
}

function parse(server: SshServer, privateKey: string, passphrase: string | null): ParsedKey {
  const parsed = ssh2.utils.parseKey(privateKey, passphrase ?? undefined);
  const who = nameOf(server);
  if (parsed instanceof Error) {
    if (/no passphrase given/i.test(parsed.message)) {
      throw unusable(server, "key_encrypted", `The private key for ${who} is encrypted. Give its passphrase too.`, parsed);
    }
    if (passphrase !== null && /bad passphrase|bad decrypt|integrity|malformed/i.test(parsed.message)) {
      throw unusable(server, "wrong_passphrase", `The passphrase does not open the private key for ${who}. Check it.`, parsed);
    }
    throw unusable(
      server,
      "key_unreadable",
      `The private key for ${who} cannot be read: ${parsed.message}. Give the file of a private key in OpenSSH or PEM form.`,
      parsed,
    );
  }
  const [key] = Array.isArray(parsed) ? parsed : [parsed];
  if (key === undefined || !key.isPrivateKey()) {
    throw unusable(server, "key_unreadable", `What was given as private key for ${who} is a public key. Give the file without ".pub".`);
  }
  return key;
}
