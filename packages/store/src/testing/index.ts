export * from "./databases.ts";
export * from "./postgres.ts";
export * from "./records.ts";
