export * from "./baseImage.ts";
export * from "./engine.ts";
export { withLock } from "./lock.ts";
export * from "./pipIndex.ts";
