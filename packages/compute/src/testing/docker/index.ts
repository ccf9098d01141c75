export * from "./baseImage.ts";
export * from "./busyboxImage.ts";
export * from "./engine.ts";
export { withLock } from "./lock.ts";
export * from "./pipIndex.ts";
export * from "./podman.ts";
