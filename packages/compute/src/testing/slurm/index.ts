export type { SlurmLabOptions } from "./config.ts";
export { SlurmLab } from "./slurmLab.ts";
