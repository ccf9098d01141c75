import { stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { defaultImageKind, parseRunConfiguration, type RunConfiguration, usesDocker } from "@switchyard/protocol";
import { CONFIGURATION_FOLDERS } from "../project/folder.ts";
import { sayOfCurated } from "./curated.ts";
import type { Findings } from "./finding.ts";
import { sayOfTarget } from "./targets.ts";

/** Looks at a run configuration as a submission would read it, and at the files that it names. */
export async function lookAtRunConfiguration(bytes: Uint8Array, project: string, findings: Findings, targets: Set<string>): Promise<void> {
  const text = new TextDecoder().decode(bytes);
  const lineOf = (key: string) =>
    text.split("\n").findIndex((line) => line.trimStart().toLowerCase().startsWith(`${key.toLowerCase()}:`)) + 1 || null;
  // The command line may name the script, so a file without one is no broken file.
  const { configuration, problems } = parseRunConfiguration(bytes, { file: "", script: "train.py", target: undefined });
  for (const { severity, line, message } of problems) findings.add(severity === "error" ? "broken" : "differs", line, message);
  if (configuration === null) return;
  const { target, framework } = configuration;
  sayOfTarget(target, lineOf("target"), findings, targets);
  if (framework === "PySpark")
    findings.add("differs", lineOf("framework"), `framework PySpark: ${wordsOfSpark(usesDocker(configuration))}`);
  if (usesDocker(configuration)) findings.add("differs", lineOf("baseImage") ?? lineOf("docker"), wordsOfContainer(configuration));
  sayOfCurated(configuration.environment.name ?? "", lineOf("name"), findings);
  const conda = configuration.environment?.python?.condaDependenciesFile;
  if (typeof conda === "string" && conda !== "" && !(await isThere(project, conda))) {
    findings.add("broken", lineOf("condaDependenciesFile"), `the conda file "${conda}" does not exist`);
  }
}

const wordsOfSpark = (inContainer: boolean): string =>
  inContainer
    ? "in a container the script is started by Python, and starts Spark itself"
    : "started by spark-submit on the target; the driver program runs there, in client mode";

/** Whose engine runs the container, and what stands for an image that v1 had by default. */
function wordsOfContainer(configuration: RunConfiguration): string {
  const { baseImage } = configuration.environment.docker;
  const kind = baseImage ? defaultImageKind(baseImage) : null;
  const image = kind
    ? `; an image of Python ${kind === "gpu" ? "and CUDA " : ""}stands for ${baseImage}, which one is the server's setting images`
    : "";
  return `in a container: docker or podman has to be on the target${image}`;
}

async function isThere(project: string, file: string): Promise<boolean> {
  const places = [resolve(project, file), ...CONFIGURATION_FOLDERS.map((folder) => join(project, folder, file))];
  const found = await Promise.all(places.map((place) => stat(place).catch(() => null)));
  return found.some((each) => each?.isFile());
}
