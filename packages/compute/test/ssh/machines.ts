import { createSshDriver, type SshAuth, type SshSettings } from "@switchyard/compute/ssh";
import { type DriverLab, type SshHost, type SshHostOptions, SshLab } from "@switchyard/compute/testing";
import { afterAll } from "vitest";
import { TOOLS } from "../localLab.ts";

/** One machine for all tests of a suite, since that is what takes time; a site of its own for each. */
export function oneMachine(kind: Parameters<SshLab["auth"]>[0], options: SshHostOptions = {}): () => Promise<DriverLab> {
  let machines: Promise<SshLab> | undefined;
  let sites = 0;
  afterAll(async () => (await machines)?.close());
  return async () => {
    machines ??= SshLab.start(1, options);
    const lab = await machines;
    sites += 1;
    return labOn(lab.host, lab.auth(kind), `site-${sites}`);
  };
}

function labOn(host: SshHost, auth: SshAuth, siteRoot: string): DriverLab {
  return {
    connect: async () => createSshDriver(host.settings(auth, { siteRoot }), TOOLS),
    cut: () => host.cut(),
    directoryOf: ({ jobId }) => host.directoryOf(jobId, siteRoot),
    close: async () => {},
  };
}

/** Settings that differ from the right ones. */
export const changed = (host: SshHost, changes: Partial<SshSettings>): SshSettings => ({ ...host.settings(), ...changes });
