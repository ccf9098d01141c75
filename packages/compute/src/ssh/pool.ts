import { createHash } from "node:crypto";
import { SshConnection } from "./connection.ts";
import type { SshServer, SshSettings } from "./settings.ts";

const connections = new Map<string, SshConnection>();

/** The connection of this process to an account of a server: one, however many targets and drivers use it. */
export function connectionTo(settings: SshServer & Pick<SshSettings, "jump">): SshConnection {
  const { address, port, username, auth, hostKey, jump } = settings;
  // A digest, because a key of a map ends up in dumps.
  const key = createHash("sha256").update(JSON.stringify([address, port, username, auth, hostKey, jump])).digest("base64"); // biome-ignore format: one line
  const known = connections.get(key);
  if (known !== undefined) return known;
  const connection = new SshConnection({ address, port, username, auth, hostKey }, jump);
  connections.set(key, connection);
  return connection;
}

/** Hangs up everywhere. Jobs go on, and whoever asks again connects again. */
export function closeConnections(): void {
  for (const connection of connections.values()) connection.close();
}
