import { z } from "zod";

/** Letters, digits, `_`, `-`, `.`; the first a letter or digit. Ids are part of paths and URLs, hence so strict. */
export const runId = z
  .string()
  .max(256)
  .regex(/^[A-Za-z0-9][A-Za-z0-9_.-]*$/, "a run id has letters, digits, '_', '-', '.' and begins with a letter or digit");
export type RunId = string;

/** Spec 05 §1: 3–36 characters is what the seeds' era asked (a warning here); 256 is the limit. */
export const experimentName = z
  .string()
  .min(1)
  .max(256)
  .regex(/^[A-Za-z0-9][A-Za-z0-9_-]*$/, "an experiment name has letters, digits, '_', '-' and begins with a letter or digit");

/** Says what the seeds' era would not have accepted in an experiment name, or null. */
export function experimentNameWarning(name: string): string | null {
  return name.length < 3 || name.length > 36 ? `Experiment name "${name}" has ${name.length} characters; Azure ML v1 took 3 to 36.` : null;
}

export const workspaceName = z
  .string()
  .min(1)
  .max(64)
  .regex(/^[A-Za-z0-9][A-Za-z0-9_.-]*$/);
export const DEFAULT_WORKSPACE = "default";

/** `<experiment>_<unix seconds>_<8 hex>` (spec 05 §3). `randomHex` gives 8 random hexadecimal digits. */
export function mintRunId(experiment: string, now: Date, randomHex: string): RunId {
  return `${experiment.slice(0, 200)}_${Math.floor(now.getTime() / 1000)}_${randomHex}`;
}
