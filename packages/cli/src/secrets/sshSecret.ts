import type { SshSecret } from "@switchyard/protocol";
import { BadRequest } from "@switchyard/protocol/errors";
import type { Context } from "../command.ts";
import { readPrivateKey } from "./privateKey.ts";
import type { SecretReader } from "./secretReader.ts";

/** What a command line says about how to prove who logs in. */
export interface SshLogin {
  readonly password: string | undefined;
  readonly privateKeyFile: string | undefined;
  readonly privateKeyPassphrase: string | undefined;
  readonly useAgent: boolean;
}

/** Words in front of the option names: `login-` in `--login-password`. */
type Prefix = "" | "login-";

const PASSWORD_VARIABLE = "SWITCHYARD_PASSWORD";
const PASSPHRASE_VARIABLE = "SWITCHYARD_PASSPHRASE";

/** Gathers what proves who logs in as `who` (`me@10.0.0.5`): a key, the agent, or a password, asked for when none is given. */
export async function readSshSecret(
  { out, world }: Pick<Context, "out" | "world">,
  reader: SecretReader,
  login: SshLogin,
  who: string,
  prefix: Prefix = "",
): Promise<SshSecret> {
  const named = (option: string) => `--${prefix}${option}`;
  refuseContradictions(login, named);
  if (login.privateKeyFile !== undefined) {
    const key = await readPrivateKey(login.privateKeyFile, world, (sentence) => out.warn(sentence));
    const typed = { typed: login.privateKeyPassphrase, option: named("private-key-passphrase"), variable: PASSPHRASE_VARIABLE };
    const passphrase = login.privateKeyPassphrase === undefined && !key.encrypted ? undefined : await reader.read(typed);
    if (passphrase !== undefined) return { privateKey: key.text, privateKeyPassphrase: passphrase };
    if (!key.encrypted) return { privateKey: key.text };
    if (reader.canAsk) return { privateKey: key.text, privateKeyPassphrase: await reader.ask(`Passphrase of ${key.file}: `) };
    throw new BadRequest(
      `The private key "${key.file}" is encrypted. Give its passphrase: \`${typed.option} -\`, or ${PASSPHRASE_VARIABLE}.`,
    );
  }
  if (login.useAgent) return { useAgent: true };
  const password = await reader.read({ typed: login.password, option: named("password"), variable: PASSWORD_VARIABLE });
  if (password !== undefined) return { password };
  if (reader.canAsk) return { password: await reader.ask(`Password of ${who}: `) };
  throw new BadRequest(
    `How does ${who} log in? Give ${named("private-key-file")} FILE, ${named("use-agent")}, or a password: ` +
      `\`${named("password")} -\` reads it from standard input, ${PASSWORD_VARIABLE} from the environment.`,
  );
}

function refuseContradictions(login: SshLogin, named: (option: string) => string): void {
  const given = [
    login.password !== undefined && named("password"),
    login.privateKeyFile !== undefined && named("private-key-file"),
    login.useAgent && named("use-agent"),
  ].filter(Boolean);
  if (given.length > 1) throw new BadRequest(`${given.join(" and ")} are different ways to log in. Give one of them.`);
  if (login.privateKeyPassphrase !== undefined && login.privateKeyFile === undefined) {
    throw new BadRequest(`${named("private-key-passphrase")} belongs to ${named("private-key-file")}, which is missing.`);
  }
}
