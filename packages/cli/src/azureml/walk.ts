import { readdir } from "node:fs/promises";
import { join } from "node:path";

const LEFT_OUT = new Set([
  ".git",
  "node_modules",
  "__pycache__",
  ".ipynb_checkpoints",
  ".venv",
  "venv",
  "site-packages",
  ".tox",
  "outputs",
  "azureml-logs",
]);
/** A project of more files is looked at as far as that. */
const MOST_FILES = 20_000;

/** Files of a project, relative to it and in order, without what tools put there. */
export async function filesOf(project: string): Promise<{ readonly files: string[]; readonly leftOut: boolean }> {
  const files: string[] = [];
  const folders = [""];
  while (folders.length > 0 && files.length < MOST_FILES) {
    const folder = folders.shift()!;
    const entries = await readdir(join(project, folder), { withFileTypes: true });
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory() && !LEFT_OUT.has(entry.name)) folders.push(path);
      else if (entry.isFile()) files.push(path);
    }
  }
  return { files, leftOut: folders.length > 0 };
}
