export * from "./acts.ts";
export * from "./bundle.ts";
export * from "./describeDriver.ts";
export * from "./driverLab.ts";
export * from "./fakeCompute.ts";
export * from "./fakeDriver.ts";
export * from "./fakeJob.ts";
export * from "./follow.ts";
