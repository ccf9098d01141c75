export { renderJobShell } from "./bundle/jobShell.ts";
export { renderSecretShell } from "./bundle/secretShell.ts";
export type { ToolkitSource } from "./bundle/toolkit.ts";
export * from "./clusterBackend.ts";
export * from "./contract.ts";
export * from "./local/index.ts";
export * from "./nodes/index.ts";
