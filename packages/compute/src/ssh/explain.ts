import { ComputeUnreachable } from "@switchyard/protocol";
import { nameOf, type SshServer } from "./settings.ts";

/** Why an SSH server could not be used, in a word that programs may look at (`details.reason`). */
export type SshReason =
  | "name_not_found"
  | "refused"
  | "no_route"
  | "timeout"
  | "not_ssh"
  | "host_key_changed"
  | "wrong_password"
  | "password_not_taken"
  | "wrong_key"
  | "key_unreadable"
  | "key_encrypted"
  | "wrong_passphrase"
  | "no_agent"
  | "second_factor"
  | "connection_lost"
  | "no_sessions"
  | "no_shell"
  | "other";

/** The error for a server that cannot be used now: names host, port and user, says what happened and what to do. */
export function unusable(server: SshServer, reason: SshReason, words: string, cause?: unknown): ComputeUnreachable {
  const { address, port, username } = server;
  return new ComputeUnreachable(words, { cause, details: { reason, address, port, username } });
}

export const reasonOf = (error: unknown): SshReason | null =>
  error instanceof ComputeUnreachable ? ((error.details.reason as SshReason | undefined) ?? null) : null;

/** Asking again soon would not help, and servers lock out whoever tries a wrong password too often. */
export const isRefusal = (error: unknown): boolean =>
  [
    "host_key_changed",
    "wrong_password",
    "password_not_taken",
    "wrong_key",
    "key_unreadable",
    "key_encrypted",
    "wrong_passphrase",
    "second_factor",
  ].includes(reasonOf(error) ?? "");

interface RawError {
  readonly code?: string;
  readonly level?: string;
  readonly message: string;
}

/** What a socket or the SSH library says, in words. */
export function explainFailure(server: SshServer, error: unknown): ComputeUnreachable {
  if (error instanceof ComputeUnreachable) return error;
  const { code, level, message } = error as RawError;
  const { address, port } = server;
  switch (code) {
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return unusable(
        server,
        "name_not_found",
        `No machine is called "${address}": its name was not found. Check the address, or give the IP address.`,
        error,
      );
    case "ECONNREFUSED":
      return unusable(
        server,
        "refused",
        `${address} refuses connections to port ${port}. Check the port, and that its SSH server runs.`,
        error,
      );
    case "EHOSTUNREACH":
    case "ENETUNREACH":
      return unusable(
        server,
        "no_route",
        `There is no way to ${address} from here (${code}). Check that it is switched on, the address, and the network.`,
        error,
      );
    case "ETIMEDOUT":
      return unusable(
        server,
        "timeout",
        `${address} does not answer on port ${port}. Check that it is switched on, and that no firewall is between.`,
        error,
      );
    default:
  }
  if (level === "agent") {
    return unusable(
      server,
      "no_agent",
      `The SSH agent for ${nameOf(server)} does not answer: ${message} Start it again, or give a private key.`,
      error,
    );
  }
  if (level === "client-timeout" && !/handshake/i.test(message)) {
    return unusable(server, "connection_lost", `${nameOf(server)} has stopped answering. Its jobs go on; it is asked again.`, error);
  }
  if (level === "client-timeout") {
    return unusable(
      server,
      "timeout",
      `${address} took the connection on port ${port} but did not finish the SSH handshake. Is it overloaded, or no SSH server?`,
      error,
    );
  }
  if (/before handshake|closed the connection/i.test(message)) {
    return unusable(
      server,
      "refused",
      `${address} took the connection on port ${port} and closed it before the log-in. Is it overloaded (MaxStartups), or does it block this machine?`,
      error,
    );
  }
  if (level === "protocol" || /Invalid identification|PROTOCOL_ERROR/i.test(message)) {
    return unusable(
      server,
      "not_ssh",
      `What answers on port ${port} of ${address} does not speak SSH as we do: ${message}. Check the port.`,
      error,
    );
  }
  return unusable(server, "other", `The SSH connection to ${nameOf(server)} failed: ${message}.`, error);
}
