import type { Context, ExitCode } from "../../command.ts";
import { count, type FlagValues, text, texts, toggle } from "../../flags.ts";
import { SecretReader } from "../../secrets/secretReader.ts";
import { readSshSecret } from "../../secrets/sshSecret.ts";
import { ABOUT_FLAGS, aboutOf, NO_WAIT } from "./about.ts";
import { readJumps } from "./jump.ts";
import { ATTACHING, finishMaking } from "./provision.ts";

/** How a machine is reached over SSH. */
export const SSH_FLAGS = {
  ...ABOUT_FLAGS,
  address: text({ short: "a", required: true, help: "IP address or name of the machine", valueName: "ADDRESS" }),
  username: text({ short: "u", required: true, help: "account to log in to", valueName: "USER" }),
  sshPort: count({ default: 22, help: "port of its SSH server", valueName: "PORT" }),
  password: text({ short: "p", help: "password; - reads it from standard input; else SWITCHYARD_PASSWORD", valueName: "PASSWORD" }),
  privateKeyFile: text({ help: "private key; its text is stored encrypted by the server", valueName: "FILE" }),
  privateKeyPassphrase: text({
    help: "passphrase of the key; - reads it from standard input; else SWITCHYARD_PASSPHRASE, else it is asked for",
    valueName: "PASSPHRASE",
  }),
  useAgent: toggle({ help: "log in with the SSH agent of the server's account" }),
  jump: texts({ help: "machine to go through, the nearest first; repeatable", valueName: "USER@HOST[:PORT]" }),
  hostKey: text({ help: "fingerprint that the machine must show, as ssh-keygen -lf prints it", valueName: "SHA256:…" }),
  siteRoot: text({ help: "folder for run directories there; default: ~/.switchyard/site", valueName: "FOLDER" }),
  maxConcurrentRuns: count({ help: "runs that may be there at once; default: four for each core" }),
  noWait: NO_WAIT,
};

/** Attaches what is reached by logging in to a machine. */
export async function attachOverSsh(
  context: Context<unknown, FlagValues<typeof SSH_FLAGS>>,
  type: "remote" | "hdinsight",
): Promise<ExitCode> {
  const { flags } = context;
  const settings = {
    address: flags.address,
    sshPort: flags.sshPort,
    username: flags.username,
    hostKey: flags.hostKey,
    jump: readJumps("--jump", flags.jump),
    siteRoot: flags.siteRoot,
    maxConcurrentRuns: flags.maxConcurrentRuns,
  };
  const secret = await readSshSecret(context, new SecretReader(context), flags, `${flags.username}@${flags.address}`);
  const workspace = await context.workspace();
  const api = await context.connect();
  const made = await api.attachTarget({ params: { workspace }, body: { type, ...aboutOf(flags), settings, secret } });
  return finishMaking(context, api, { workspace, name: made.name }, made, ATTACHING, !flags.noWait);
}
