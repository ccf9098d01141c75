import {
  definitionOf,
  EnvironmentUnusable,
  environmentHash,
  environmentOf,
  guardDockerfile,
  type JobContainer,
  type JobEnvironment,
  type RunConfiguration,
  usesDocker,
} from "@switchyard/protocol";
import type { Isolation } from "../targets.ts";
import { checkDockerfile, checkImageName, imageFor } from "./images.ts";

/** Where a run's script finds its interpreter and packages: on the machine, or in a container there. */
export interface Surroundings {
  readonly environment: JobEnvironment;
  readonly container: JobContainer | null;
}

/** A run configuration as a target carries it out: where runs are kept apart, every run is in a container. */
export function configurationOn(isolation: Isolation | undefined, configuration: RunConfiguration): RunConfiguration {
  if (isolation === undefined || usesDocker(configuration)) return configuration;
  const { environment } = configuration;
  return { ...configuration, environment: { ...environment, docker: { ...environment.docker, enabled: true } } };
}

/** What the run configuration asks for, with the operator's images in place of the default ones of v1. */
export function surroundingsOf(
  asked: RunConfiguration,
  images: Readonly<Record<string, string>>,
  isolation?: Isolation | undefined,
): Surroundings {
  const configuration = configurationOn(isolation, asked);
  if (!usesDocker(configuration)) return { environment: environmentOf(configuration), container: null };
  const base = baseOf(configuration, images);
  // An image that the operator maps to another one gives other environments.
  const platform = `container ${base.image ?? ""}`;
  const environment = environmentOf(configuration, platform);
  return { environment, container: { ...base, ...runtimeOf(configuration, isolation), ...builtOf(configuration, environment, platform) } };
}

/** The name of the image that is built for the run, as v1 records it; null when none is. */
export function derivedImageOf({ container }: Surroundings): string | null {
  return container === null || container.builtAs === null ? null : `azureml/${container.builtAs}`;
}

function baseOf({ environment: { docker } }: RunConfiguration, images: Readonly<Record<string, string>>) {
  const { baseImage, baseDockerfile, baseImageRegistry } = docker;
  const registry = { address: hostOf(baseImageRegistry.address), username: baseImageRegistry.username || null };
  if (baseDockerfile) return { image: null, dockerfile: guardDockerfile(checkDockerfile(baseDockerfile)), registry };
  if (!baseImage) throw new EnvironmentUnusable("Docker is on, but neither docker.baseImage nor docker.baseDockerfile is given.");
  const mapped = imageFor(baseImage, images);
  const isThere = registry.address === null || mapped !== baseImage || mapped.startsWith(`${registry.address}/`);
  return { image: checkImageName(isThere ? mapped : `${registry.address}/${mapped}`), dockerfile: null, registry };
}

/** `https://registry.example/` as an image's name has it. */
function hostOf(address: string | null): string | null {
  const host = (address ?? "").replace(/^https?:\/\//, "").replace(/\/+$/, "");
  return host === "" ? null : host;
}

/** Settings in the later place win where it is what switches Docker on. */
function runtimeOf(
  configuration: RunConfiguration,
  isolation: Isolation | undefined,
): Pick<JobContainer, "gpu" | "shmSize" | "arguments" | "isolated"> {
  const { docker, environment, nodeCount } = configuration;
  return {
    gpu: environment.docker.gpuSupport ? "wanted" : "found",
    shmSize: (docker.useDocker ? docker.shmSize : environment.docker.shmSize) || null,
    arguments: isolation === undefined ? containerArgumentsOf(configuration) : limitsOf(isolation, nodeCount),
    isolated: isolation !== undefined,
  };
}

/** A person's own words of the command that makes the container. */
export function containerArgumentsOf({ docker, environment }: RunConfiguration): string[] {
  return (docker.useDocker && docker.arguments.length > 0 ? docker.arguments : environment.docker.arguments).map(String);
}

/** One container is all nodes of a run. */
function limitsOf({ cores, memoryMegabytes, machineCores }: Isolation, nodes: number): string[] {
  return ["--cpus", `${Math.min(cores * nodes, machineCores)}`, "--memory", `${memoryMegabytes * nodes}m`];
}

function builtOf(
  configuration: RunConfiguration,
  environment: JobEnvironment,
  platform: string,
): Pick<JobContainer, "builtAs" | "mayBuild"> {
  const mayBuild = configuration.autoPrepareEnvironment;
  if (environment.kind === "system") return { builtAs: environment.name, mayBuild };
  const { baseDockerfile } = configuration.environment.docker;
  if (!baseDockerfile) return { builtAs: null, mayBuild };
  const definition = definitionOf(configuration);
  // the interpreter is no part of what a Dockerfile builds
  const python = { ...definition.python, interpreterPath: null };
  return { builtAs: environmentHash({ ...definition, python }, platform), mayBuild };
}
