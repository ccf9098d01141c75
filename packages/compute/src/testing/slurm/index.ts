export type { SlurmLabOptions } from "./config.ts";
export { LoginNode } from "./loginNode.ts";
export { SlurmLab } from "./slurmLab.ts";
