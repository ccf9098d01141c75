export * from "./dockerfile.ts";
export * from "./standIn.ts";
export * from "./vendorPackages.ts";
