import type { DriverFeatures } from "../contract.ts";
import { SiteDriver } from "../site/siteDriver.ts";
import { LocalSite, type LocalSiteOptions } from "./localSite.ts";

export const LOCAL_FEATURES: DriverFeatures = { liveLogs: true, requeues: false, multiNode: false, gpu: "maybe", sharesDisk: true };

/** The driver of this machine. */
export function createLocalDriver(options: LocalSiteOptions): SiteDriver {
  return new SiteDriver("local", LOCAL_FEATURES, new LocalSite(options));
}
