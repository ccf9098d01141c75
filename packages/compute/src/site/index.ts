export type { Look, WatchedDirectory } from "./look.ts";
export type { CommandResult, Site, SiteIdentity, SupervisorCommand } from "./site.ts";
export { SiteDriver } from "./siteDriver.ts";
