export {
  argumentName,
  branchPath,
  isArgumentName,
  isSameValue,
  plainValue,
  RESUME_ARGUMENT,
  trialArguments,
  valueText,
} from "./arguments.ts";
export * from "./configuration.ts";
export * from "./expressions.ts";
export * from "./journal.ts";
export { ownComputeProblem } from "./ownCompute.ts";
export * from "./parse.ts";
export { pythonNumber, pythonText } from "./python.ts";
export * from "./sweep.ts";
