export * from "./names.ts";
export * from "./service.ts";
export * from "./serving.ts";
export * from "./words.ts";
