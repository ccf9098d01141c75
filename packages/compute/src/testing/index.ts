export * from "./acts.ts";
export * from "./bundle.ts";
export * from "./fakeCompute.ts";
export * from "./fakeDriver.ts";
export * from "./fakeJob.ts";
