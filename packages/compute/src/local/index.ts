export { toolkitVersion } from "../bundle/toolkit.ts";
export { requireContainerEngine } from "./containerEngine.ts";
export { type HostIdentity, readHostIdentity } from "./host.ts";
export { createLocalDriver, LOCAL_FEATURES } from "./localDriver.ts";
export { LocalSite, type LocalSiteOptions } from "./localSite.ts";
