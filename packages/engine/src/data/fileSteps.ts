import { createHash } from "node:crypto";
import type { DatasetDefinition } from "@switchyard/protocol";

type Step = DatasetDefinition["steps"][number];

/** What the transformations of a dataset of files leave of its files. Those of rows do not change which files are read. */
export function applyFileSteps<T>(files: readonly T[], definition: Pick<DatasetDefinition, "kind" | "steps">): readonly T[] {
  return definition.kind === "file" ? definition.steps.reduce(applyStep, files) : files;
}

function applyStep<T>(files: readonly T[], step: Step): readonly T[] {
  switch (step.do) {
    case "take":
      return files.slice(0, step.count);
    case "skip":
      return files.slice(step.count);
    case "sample":
      return files.filter((_, index) => chance(step.seed, index) < step.probability);
    case "split":
      return files.filter((_, index) => chance(step.seed, index) < step.percentage === (step.part === 0));
    default:
      return files;
  }
}

/** A number from 0 to 1 that depends on nothing but the seed and the place, so that the parts of a split never overlap. */
function chance(seed: number | null, index: number): number {
  return createHash("sha256")
    .update(`${seed ?? 0}:${index}`)
    .digest()
    .readUInt32BE(0) / 2 ** 32; // biome-ignore format: one number
}
