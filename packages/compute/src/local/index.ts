export { LOCAL_FEATURES, LocalDriver, type LocalDriverOptions } from "./localDriver.ts";
