/** How we prove who we are to an SSH server. Secrets in here are for memory only: they appear in no message and no log. */
export type SshAuth =
  | { readonly kind: "password"; readonly password: string }
  /** `privateKey` is the text of the key file */
  | { readonly kind: "key"; readonly privateKey: string; readonly passphrase: string | null }
  /** `socket` null: that of SSH_AUTH_SOCK */
  | { readonly kind: "agent"; readonly socket: string | null };

/** One SSH server and how to log in there. */
export interface SshServer {
  readonly address: string;
  readonly port: number;
  readonly username: string;
  readonly auth: SshAuth;
  /** The key that the server must show, `ssh-ed25519 SHA256:…`; null takes any, which only probing may do. */
  readonly hostKey: string | null;
}

/** A machine behind SSH as a place for jobs. */
export interface SshSettings extends SshServer {
  /** servers to go through, the first one first */
  readonly jump: readonly SshServer[];
  /** where job directories lie: absolute, or below the account's home */
  readonly siteRoot: string;
}

/** Below the home of the account that jobs run under. */
export const DEFAULT_SITE_ROOT = ".switchyard/site";

/** `user@host` for messages, with the port where it is not the usual one. */
export function nameOf({ username, address, port }: Pick<SshServer, "username" | "address" | "port">): string {
  return `${username}@${address}${port === 22 ? "" : `:${port}`}`;
}
