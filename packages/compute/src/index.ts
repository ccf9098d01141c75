export { renderJobShell } from "./bundle/jobShell.ts";
export { renderSecretShell } from "./bundle/secretShell.ts";
export * from "./contract.ts";
export * from "./local/index.ts";
