import { relative } from "node:path";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** The files that take minutes, on a machine that has not run them before and so cannot know it. */
const LONGEST = [
  "test/e2e/importMlflow.test.ts",
  "packages/compute/test/supervisor/container.test.ts",
  "packages/compute/test/supervisor/image.test.ts",
  "packages/compute/test/slurm/again.test.ts",
  "packages/compute/test/ssh/shipping.test.ts",
  "packages/server/test/clusters.test.ts",
];

/** Begins with what takes longest, so that at the end no worker waits for another that has just begun a long file. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId }: TestSpecification) => LONGEST.indexOf(relative(process.cwd(), moduleId));
    const long = files.filter((file) => place(file) >= 0).sort((a, b) => place(a) - place(b));
    return [...long, ...(await super.sort(files.filter((file) => place(file) < 0)))];
  }
}
