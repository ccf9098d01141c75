import {
  definitionOf,
  EnvironmentUnusable,
  environmentHash,
  environmentOf,
  type JobContainer,
  type JobEnvironment,
  type RunConfiguration,
  usesDocker,
} from "@switchyard/protocol";
import { checkDockerfile, checkImageName, imageFor } from "./images.ts";

/** Where a run's script finds its interpreter and packages: on the machine, or in a container there. */
export interface Surroundings {
  readonly environment: JobEnvironment;
  readonly container: JobContainer | null;
}

/** What the run configuration asks for, with the operator's images in place of the default ones of v1. */
export function surroundingsOf(configuration: RunConfiguration, images: Readonly<Record<string, string>>): Surroundings {
  if (!usesDocker(configuration)) return { environment: environmentOf(configuration), container: null };
  const base = baseOf(configuration, images);
  // An image that the operator maps to another one gives other environments.
  const platform = `container ${base.image ?? ""}`;
  const environment = environmentOf(configuration, platform);
  return { environment, container: { ...base, ...runtimeOf(configuration), ...builtOf(configuration, environment, platform) } };
}

/** The name of the image that is built for the run, as v1 records it; null when none is. */
export function derivedImageOf({ container }: Surroundings): string | null {
  return container === null || container.builtAs === null ? null : `azureml/${container.builtAs}`;
}

function baseOf({ environment: { docker } }: RunConfiguration, images: Readonly<Record<string, string>>) {
  const { baseImage, baseDockerfile, baseImageRegistry } = docker;
  const registry = { address: hostOf(baseImageRegistry.address), username: baseImageRegistry.username || null };
  if (baseDockerfile) return { image: null, dockerfile: checkDockerfile(baseDockerfile), registry };
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
function runtimeOf({ docker, environment }: RunConfiguration): Pick<JobContainer, "gpu" | "shmSize" | "arguments"> {
  const given = environment.docker;
  const words = docker.useDocker && docker.arguments.length > 0 ? docker.arguments : given.arguments;
  return {
    gpu: given.gpuSupport ? "wanted" : "found",
    shmSize: (docker.useDocker ? docker.shmSize : given.shmSize) || null,
    arguments: words.map(String),
  };
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
