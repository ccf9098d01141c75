export * from "./contract.ts";
export { openArtifacts } from "./openArtifacts.ts";
export { checkRunPath } from "./runPath.ts";
