export { toolkitVersion } from "../bundle/toolkit.ts";
export { createLocalDriver, LOCAL_FEATURES } from "./localDriver.ts";
export { LocalSite, type LocalSiteOptions } from "./localSite.ts";
