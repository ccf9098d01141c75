export { toolkitVersion } from "../bundle/toolkit.ts";
export { LOCAL_FEATURES, LocalDriver, type LocalDriverOptions } from "./localDriver.ts";
