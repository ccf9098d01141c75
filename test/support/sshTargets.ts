// Machines of the SSH lab as compute targets of a server.
import type { SshAuth } from "@switchyard/compute/ssh";
import type { SshHost, SshLab } from "@switchyard/compute/testing";
import type { SwitchyardClient } from "@switchyard/sdk";
import { expect } from "vitest";

/** Attaches a host of the lab and waits until it takes runs. */
export async function attachHost(client: SwitchyardClient, lab: SshLab, host: SshHost, auth: SshAuth = lab.auth("key")): Promise<void> {
  const { address, port, username } = host.settings(auth);
  const params = { workspace: "default", name: host.name };
  await client.attachTarget({
    params: { workspace: "default" },
    body: { type: "remote", name: host.name, settings: { address, sshPort: port, username }, secret: secretOf(auth) },
  });
  const { provisioningState, provisioningErrors } = await client.waitForTarget({ params, timeoutSeconds: 200 });
  expect({ provisioningState, provisioningErrors }).toEqual({ provisioningState: "Succeeded", provisioningErrors: [] });
}

function secretOf(auth: SshAuth) {
  if (auth.kind === "password") return { password: auth.password };
  if (auth.kind === "agent") return { useAgent: true };
  return { privateKey: auth.privateKey, ...(auth.passphrase !== null && { privateKeyPassphrase: auth.passphrase }) };
}
