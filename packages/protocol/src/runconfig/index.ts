export { namedEnvironmentOf } from "./namedEnvironment.ts";
export * from "./parse.ts";
export * from "./questions.ts";
export { editDistance, nearestOf } from "./reading/nearest.ts";
export { type ConfigurationProblem, formatProblem, type Position } from "./reading/problem.ts";
export type { RunConfiguration } from "./schema.ts";
export * from "./templates.ts";
export * from "./words.ts";
export * from "./write.ts";
