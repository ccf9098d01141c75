import { DEFAULT_SITE_ROOT, type SshAuth, type SshSettings } from "@switchyard/compute/ssh";
import { BadRequest, type SshSettings as GivenSettings, type SshSecret } from "@switchyard/protocol";

/** How to log in to a machine, from what a person gave. Once attached, it must show the key that it showed then. */
export function sshLogin(given: GivenSettings, secret: SshSecret, pinnedHostKey: unknown): SshSettings {
  const { address, sshPort, username, hostKey, jump, siteRoot } = given;
  const auth = sshAuth(secret);
  return {
    address,
    port: sshPort,
    username,
    auth,
    hostKey: typeof pinnedHostKey === "string" ? pinnedHostKey : (hostKey ?? null),
    jump: (jump ?? []).map((server) => ({ address: server.address, port: server.sshPort, username: server.username, auth, hostKey: null })),
    siteRoot: siteRoot ?? DEFAULT_SITE_ROOT,
  };
}

/** Exactly one way to log in (spec 09 §3). */
export function sshAuth({ password, privateKey, privateKeyPassphrase, useAgent }: SshSecret): SshAuth {
  const given = [password, privateKey, useAgent === true ? "agent" : undefined].filter((way) => way !== undefined);
  if (given.length !== 1) {
    throw new BadRequest(
      `Give one way to log in: a password, a private key, or the SSH agent. ${given.length === 0 ? "None" : "Several"} was given.`,
    );
  }
  if (password !== undefined) return { kind: "password", password };
  if (privateKey !== undefined) return { kind: "key", privateKey, passphrase: privateKeyPassphrase ?? null };
  return { kind: "agent", socket: null };
}
