import { existsSync } from "node:fs";
import { resolve } from "node:path";

/** The Python of `.cache/test-python`, which has mlflow, scikit-learn, pandas and jupyter. `npm test` makes it first. */
export function testPython(): string {
  const python = resolve(import.meta.dirname, "../../.cache/test-python/bin/python");
  if (!existsSync(python)) throw new Error(`There is no ${python}: \`sh scripts/test-python.sh\` makes it.`);
  return python;
}
