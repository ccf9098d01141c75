import { stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { CONFIGURATION_FOLDERS } from "./folder.ts";

const CONDA_FILE = "conda_dependencies.yml";

/** What became of a target's run configuration; `file` is relative to the project folder. */
export interface TargetConfiguration {
  readonly file: string;
  /** a file of this name was there and is left as it is */
  readonly kept: boolean;
}

/** Writes `<target>.runconfig` into the configuration folder of a project; null where the project has none. */
export async function writeTargetConfiguration(project: string, target: string, type: string): Promise<TargetConfiguration | null> {
  const folder = await configurationFolder(project);
  if (folder === null) return null;
  const { targetRunConfigurationTemplate } = await import("@switchyard/protocol");
  const conda = join(folder, CONDA_FILE);
  const text = targetRunConfigurationTemplate(target, (await isThere(join(project, conda))) ? conda : null, type === "hdinsight");
  const file = join(folder, `${target}.runconfig`);
  try {
    await writeFile(join(project, file), text, { flag: "wx" });
    return { file, kept: false };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    return { file, kept: true };
  }
}

async function configurationFolder(project: string): Promise<string | null> {
  for (const folder of CONFIGURATION_FOLDERS) {
    const found = await stat(join(project, folder)).catch(() => null);
    if (found?.isDirectory()) return folder;
  }
  return null;
}

const isThere = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );
