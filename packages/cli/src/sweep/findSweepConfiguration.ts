import { readdir, readFile, stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { formatProblem, parseSweep, type SweepConfiguration } from "@switchyard/protocol";
import { BadRequest, NotFound } from "@switchyard/protocol/errors";
import { nearestOf } from "@switchyard/protocol/nearest";
import { CONFIGURATION_FOLDERS } from "../project/folder.ts";

const EXTENSIONS = [".yml", ".yaml", ".json"] as const;

/** Where a sweep's configuration is looked for. */
export interface SweepPlaces {
  readonly project: string;
  readonly cwd: string;
  /** the run configuration that was read; the sweep's lies beside it (F233) */
  readonly runConfiguration: string | null;
}

/** The file of a sweep's configuration by its name, with or without its extension, or by its path. */
export async function findSweepConfiguration(named: string, { project, cwd, runConfiguration }: SweepPlaces): Promise<string> {
  const folders = [
    ...(runConfiguration === null ? [] : [dirname(runConfiguration)]),
    ...CONFIGURATION_FOLDERS.map((folder) => join(project, folder)),
  ];
  const names = [...EXTENSIONS.map((extension) => `${named}${extension}`), named];
  const inFolders = folders.flatMap((folder) => names.map((name) => resolve(folder, name)));
  const elsewhere = [project, cwd].flatMap((folder) => names.map((name) => resolve(folder, name)));
  for (const file of [...inFolders, ...elsewhere]) if ((await stat(file).catch(() => null))?.isFile()) return file;
  throw new NotFound(
    `There is no sweep configuration "${named}" beside the run configuration or in ${project}.${await others(folders, named)}`,
  );
}

async function others(folders: readonly string[], named: string): Promise<string> {
  const files = (await Promise.all([...new Set(folders)].map(filesOf))).flat();
  const names = files.filter((file) => EXTENSIONS.some((extension) => file.endsWith(extension)));
  const near = nearestOf(named, [...names, ...names.map((name) => name.replace(/\.\w+$/, ""))]);
  if (near !== null) return ` Did you mean ${near}?`;
  return names.length === 0 ? ' Write one: it begins with "sampling:".' : ` There are ${names.join(", ")}.`;
}

/** Names of the files of a folder; a folder among them is none, whatever it is called. */
async function filesOf(folder: string): Promise<string[]> {
  const found = await readdir(folder, { withFileTypes: true }).catch(() => []);
  return found.filter((entry) => !entry.isDirectory()).map(({ name }) => name);
}

/** Reads a sweep's configuration. What is wrong with it is told with line and column, before a server is asked. */
export async function readSweepConfiguration(
  file: string,
  fixedArguments: readonly string[],
  warn: (warning: string) => void,
): Promise<SweepConfiguration> {
  const { configuration, problems } = parseSweep(await readFile(file), { file, rules: "own", fixedArguments });
  for (const problem of problems) if (problem.severity === "warning") warn(formatProblem(problem));
  if (configuration !== null) return configuration;
  const errors = problems.filter((problem) => problem.severity === "error");
  throw new BadRequest(`The sweep configuration cannot be used.\n${errors.map(formatProblem).join("\n")}`, {
    details: { problems: errors },
  });
}
