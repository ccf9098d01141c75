import { existsSync } from "node:fs";
import { resolve } from "node:path";

/** The Python of `.cache/test-python`, which has mlflow, scikit-learn, pandas and jupyter. `npm test` makes it first. */
export function testPython(): string {
  return pythonOf("test-python");
}

/** The Python of `.cache/test-torch`, which has PyTorch, Lightning and mlflow (`npm test` makes it first), or another one with these. */
export function torchPython(): string {
  return process.env.SWITCHYARD_TORCH_PYTHON ?? pythonOf("test-torch");
}

function pythonOf(name: string): string {
  const python = resolve(import.meta.dirname, `../../.cache/${name}/bin/python`);
  if (!existsSync(python)) throw new Error(`There is no ${python}: \`sh scripts/${name}.sh\` makes it.`);
  return python;
}
