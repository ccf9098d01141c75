export type { Look, WatchedDirectory } from "./observeJobs.ts";
export type { CommandResult, Site, SiteIdentity, SupervisorCommand } from "./site.ts";
export { SiteDriver } from "./siteDriver.ts";
