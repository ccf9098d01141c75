export * from "./standIn.ts";
export * from "./vendorPackages.ts";
