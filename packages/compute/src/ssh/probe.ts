import type { ToolkitSource } from "../bundle/toolkit.ts";
import type { Health } from "../contract.ts";
import { SshConnection } from "./connection.ts";
import type { SshSettings } from "./settings.ts";
import { SshSite } from "./sshSite.ts";

/** What a first log-in found out. */
export interface SshProbe {
  /** the key that the server showed; to be noted, and demanded from then on */
  readonly hostKey: string;
  readonly health: Health;
  /** of the machine and the account's folder: the same one under another name or address has the same */
  readonly siteId: string | null;
}

/**
 * Logs in once, before a machine is attached. Throws ComputeUnreachable when that fails; `details.reason` says why in a
 * word (SshReason). `settings.hostKey` null takes the key that is shown.
 */
export async function probeSsh(settings: SshSettings, source: ToolkitSource, signal: AbortSignal): Promise<SshProbe> {
  const connection = new SshConnection(settings, settings.jump);
  try {
    const hostKey = await connection.hostKey(signal);
    const site = new SshSite(connection, settings.siteRoot, source);
    const health = await site.check(signal);
    return { hostKey, health, siteId: health.ok ? (await site.identify(signal)).id : null };
  } finally {
    connection.close();
  }
}
