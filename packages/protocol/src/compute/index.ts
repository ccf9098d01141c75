export * from "./cluster.ts";
export * from "./kinds.ts";
export * from "./names.ts";
export * from "./settings.ts";
export * from "./target.ts";
export * from "./vmSizes.ts";
