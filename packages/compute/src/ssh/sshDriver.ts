import type { ComputeDriver, DriverFeatures } from "../contract.ts";
import { SiteDriver } from "../site/siteDriver.ts";
import { connectionTo } from "./pool.ts";
import type { SshSettings } from "./settings.ts";
import { SshSite, type SshSiteSource } from "./sshSite.ts";

export const SSH_FEATURES: DriverFeatures = {
  liveLogs: true,
  requeues: false,
  multiNode: false,
  gpu: "maybe",
  lookPauseMs: 250,
  sharesDisk: false,
};

/** A machine behind SSH as a site; for drivers of schedulers too, whose commands run there. */
export const createSshSite = (settings: SshSettings, source: SshSiteSource): SshSite =>
  new SshSite(connectionTo(settings), settings.siteRoot, source);

/** Runs jobs on a machine behind SSH. */
export const createSshDriver = (settings: SshSettings, source: SshSiteSource, name = "ssh"): ComputeDriver =>
  new SiteDriver(name, SSH_FEATURES, createSshSite(settings, source));
