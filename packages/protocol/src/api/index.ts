export * from "./events.ts";
export * from "./operation.ts";
export * from "./operations.ts";
export * from "./page.ts";
