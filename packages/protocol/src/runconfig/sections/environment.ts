import { key, laterKey, list, optional, record, section } from "../reading/collections.ts";
import { anything, argument, flag, text, variable, word } from "../reading/field.ts";
import { DEFAULT_CPU_IMAGE } from "../words.ts";
import { condaDependenciesField } from "./condaDependencies.ts";

/** Where the Python of a run and its packages come from. */
const python = section({
  userManagedDependencies: key(flag(false), "true: use what is installed; false: build an environment from the conda dependencies"),
  interpreterPath: key(text("python" as string | null), "the Python to use when userManagedDependencies is true"),
  condaDependenciesFile: key(text(null), "conda file with the packages to install, relative to the project folder"),
  condaDependencies: laterKey(optional(condaDependenciesField), "the content of a conda file, here instead of in a file"),
  baseCondaEnvironment: key(text(null), "name of an existing conda environment to extend"),
});

const imageRegistry = section({
  address: key(text(null), "host of the registry that holds baseImage"),
  username: key(text(null), "who asks the registry"),
  password: key(text(null), "required when username is set"),
});

const platform = section({
  os: key(text("Linux"), "operating system of the image"),
  architecture: key(text("amd64"), "processor of the image"),
});

const docker = section({
  enabled: key(flag(false), "true: run inside a container"),
  baseImage: key(text(DEFAULT_CPU_IMAGE as string | null), "image to start from; excludes baseDockerfile"),
  baseDockerfile: key(text(null), "text or path of a Dockerfile to start from; excludes baseImage"),
  sharedVolumes: key(flag(true), "share the run's folder with the container as a volume"),
  gpuSupport: key(flag(false), "give the container the machine's GPUs; found out by itself where possible"),
  shmSize: key(text("1g", { numbers: true }), "size of the container's shared memory"),
  arguments: key(list(argument()), "further arguments of the command that starts the container"),
  baseImageRegistry: key(imageRegistry, "where baseImage is pulled from, when not from the public registry"),
  platform: laterKey(platform, "what the image is made for"),
});

const sparkPackage = section({
  group: key(text(null), "Maven group"),
  artifact: key(text(null), "Maven artifact"),
  version: key(text(null, { numbers: true }), "Maven version"),
});

const spark = section({
  repositories: key(list(text("")), "Maven repositories to look in"),
  packages: key(list(sparkPackage), "Maven packages to install: group, artifact, version"),
  precachePackages: key(flag(true), "put the packages into the image beforehand"),
});

const databricks = section({
  mavenLibraries: key(list(anything()), "Maven libraries to install on the cluster"),
  pypiLibraries: key(list(anything()), "Python packages to install on the cluster"),
  rcranLibraries: key(list(anything()), "R packages to install on the cluster"),
  jarLibraries: key(list(anything()), "JAR files to install on the cluster"),
  eggLibraries: key(list(anything()), "Python eggs to install on the cluster"),
});

/** Interpreter, packages, image and variables of a run. */
export const environmentKeys = {
  name: key(text(null), "name of the environment in the workspace"),
  version: key(text(null, { numbers: true }), "version of the environment; empty means the latest"),
  environmentVariables: key(record(variable()), "variables for the script's process"),
  python: key(python, "interpreter and Python packages"),
  docker: key(docker, "container to run in"),
  spark: key(spark, "what a Spark environment needs installed"),
  databricks: key(databricks, "libraries for a Databricks cluster"),
  inferencingStackVersion: key(word(["latest"], null), "empty, or latest: add what a web service needs"),
};
export const environmentSection = section(environmentKeys);

/** Settings of the container, in the place where later clients write them. */
export const dockerRuntimeSection = section({
  useDocker: key(flag(false), "true: run inside a container"),
  sharedVolumes: key(flag(true), "share the run's folder with the container as a volume"),
  shmSize: key(text("2g", { numbers: true }), "size of the container's shared memory"),
  arguments: key(list(argument()), "further arguments of the command that starts the container"),
});
