export * from "./dataset.ts";
export * from "./datastore.ts";
export * from "./names.ts";
export * from "./paths.ts";
export * from "./runData.ts";
