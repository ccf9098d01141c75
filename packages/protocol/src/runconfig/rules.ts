import { checkProcesses } from "./processRules.ts";
import { usesDocker } from "./questions.ts";
import { entryOf } from "./reading/collections.ts";
import { type Given, isNothing } from "./reading/given.ts";
import type { Position, Problems } from "./reading/problem.ts";
import type { RunConfiguration } from "./schema.ts";

/** What the rules of spec 01 §7 look at: the configuration with its defaults, and what was really given. */
export interface RuleCase {
  readonly configuration: RunConfiguration;
  readonly given: Given;
  readonly problems: Problems;
  /** A file says that it has an environment; over the wire, none means a default one. */
  readonly environmentRequired: boolean;
}

/** Reports every rule that the configuration breaks. */
export function checkRules(facts: RuleCase): void {
  checkRequired(facts);
  checkFramework(facts);
  checkProcesses(facts);
  checkTarget(facts);
  checkPython(facts);
  checkDocker(facts);
}

function checkRequired({ configuration, given, problems, environmentRequired }: RuleCase): void {
  const hasCommand = configuration.command.length > 0;
  if ((configuration.script ?? "") === "" && !hasCommand && !problems.names("script")) {
    problems.error(placeOf(given, "script") ?? given.at, "script", 'which script? Add "script: train.py", or a "command"');
  }
  if (environmentRequired && entryOf(given, "environment") === undefined) {
    problems.error(given.at, "environment", 'the section is missing; "environment: {}" asks for a default environment');
  }
}

function checkFramework({ configuration, given, problems }: RuleCase): void {
  const { framework, communicator } = configuration;
  const asked = entryOf(given, "communicator") !== undefined;
  if (framework === "PySpark") requireSection("spark", "framework: PySpark", given, problems);
  if (framework === "TensorFlow") requireSection("tensorflow", "framework: TensorFlow", given, problems);
  if (communicator === "Mpi" && asked) requireSection("mpi", "communicator: Mpi", given, problems);
  const usesMpi = communicator === "OpenMpi" || communicator === "IntelMpi" || communicator === "Mpi";
  const { docker } = configuration.environment;
  if (communicator === "OpenMpi" && usesDocker(configuration) && docker.baseImage !== null && !/mpi/i.test(docker.baseImage)) {
    problems.warning(
      placeOf(given, "communicator") ?? given.at,
      "communicator",
      `OpenMpi needs an image with Open MPI; is it in "${docker.baseImage}"?`,
    );
  }
  if ((usesMpi || communicator === "ParameterServer") && configuration.target !== "amlcompute" && isOneMachine(configuration.target)) {
    const message = `${communicator} runs on a managed cluster only, and target is "${configuration.target}"; choose a cluster or "communicator: None"`;
    problems.error(placeOf(given, "communicator") ?? given.at, "communicator", message);
  }
}

function isOneMachine(target: string): boolean {
  return target === "local" || target === "containerinstance";
}

function checkTarget({ configuration, given, problems }: RuleCase): void {
  if (configuration.target === "amlcompute") requireSection("amlcompute", "target: amlcompute", given, problems);
  if (configuration.target === "containerinstance") requireSection("containerInstance", "target: containerinstance", given, problems);
}

function checkPython({ configuration, given, problems }: RuleCase): void {
  const { python, name } = configuration.environment;
  const environment = entryOf(given, "environment")?.value;
  const section = entryOf(environment, "python");
  const path = "environment.python";
  if (python.userManagedDependencies && (python.interpreterPath ?? "") === "") {
    const at = placeOf(section?.value, "interpreterPath") ?? section?.at ?? given.at;
    problems.error(at, `${path}.interpreterPath`, "userManagedDependencies: true needs the path of an interpreter, like python3");
  }
  const nothingToInstall = (python.condaDependenciesFile ?? "") === "" && python.condaDependencies === null;
  if (!python.userManagedDependencies && nothingToInstall && name === null) {
    const message = "userManagedDependencies: false needs a condaDependenciesFile, or condaDependencies here";
    problems.error(section?.at ?? given.at, `${path}.condaDependenciesFile`, message);
  }
  if (python.baseCondaEnvironment !== null) {
    const at = placeOf(section?.value, "baseCondaEnvironment");
    problems.warning(at, `${path}.baseCondaEnvironment`, "not used: the environment is built from its own dependencies alone");
  }
}

function checkDocker({ configuration, given, problems }: RuleCase): void {
  const { docker } = configuration.environment;
  const section = entryOf(entryOf(given, "environment")?.value, "docker")?.value;
  const path = "environment.docker";
  const registry = entryOf(section, "baseImageRegistry");
  const chosen = docker.enabled || (usesDocker(configuration) && !isNothing(entryOf(section, "baseImage")?.value));
  if (chosen && docker.baseImage !== null && registry === undefined) {
    problems.warning(section?.at ?? given.at, `${path}.baseImageRegistry`, "no registry is given for baseImage; the public one is asked");
  }
  if (docker.baseImageRegistry.username !== null && docker.baseImageRegistry.password === null) {
    problems.error(registry?.at ?? null, `${path}.baseImageRegistry.password`, "username needs a password");
  }
  if (docker.baseImage !== null && docker.baseDockerfile !== null) {
    const at = placeOf(section, "baseDockerfile");
    problems.error(at, `${path}.baseDockerfile`, "baseImage and baseDockerfile exclude each other; empty one of the two");
  }
}

function requireSection(name: string, because: string, given: Given, problems: Problems): void {
  if (!isNothing(entryOf(given, name)?.value)) return;
  problems.error(placeOf(given, name) ?? given.at, name, `${because} needs the section "${name}"`);
}

function placeOf(given: Given | undefined, name: string): Position | null {
  return entryOf(given, name)?.at ?? null;
}
