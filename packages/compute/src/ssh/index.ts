export type { SshReason } from "./explain.ts";
export { readHostKey } from "./hostKey.ts";
export { type FoundSpark, lookForSpark } from "./lookForSpark.ts";
export { closeConnections } from "./pool.ts";
export { probeSsh, type SshProbe } from "./probe.ts";
export { DEFAULT_SITE_ROOT, type SshAuth, type SshServer, type SshSettings } from "./settings.ts";
export { createSshDriver, createSshSite, SSH_FEATURES } from "./sshDriver.ts";
export { SshSite, type SshSiteSource } from "./sshSite.ts";
