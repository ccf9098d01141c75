export * from "./configuration.ts";
export * from "./expressions.ts";
