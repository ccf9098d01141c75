export * from "./nodeId.ts";
export * from "./provider.ts";
