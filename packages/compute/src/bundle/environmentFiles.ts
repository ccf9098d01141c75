import {
  JOB_LAYOUT,
  type JobFile,
  makeStandIn,
  pinsMentionedIn,
  type StandInPins,
  standInConstraints,
  standInVersion,
} from "@switchyard/protocol";

/** A file of the job directory that building the environment needs. */
export interface EnvironmentFile {
  readonly path: string;
  readonly content: string | Uint8Array;
}

/** What the job directory holds for the environment to be built from; nothing when nothing will be. */
export function environmentFiles({ environment, container }: JobFile): EnvironmentFile[] {
  const pins = { ...pinsMentionedIn(container?.dockerfile ?? ""), ...(environment.kind === "system" ? environment.pins : {}) };
  if (environment.kind === "system") {
    const { conda, afterConda = "", requirements } = environment;
    return [
      at("conda.yml", conda),
      at("pip.txt", afterConda),
      ...(requirements === null ? [] : [at("requirements.txt", requirements)]),
      ...standInFiles(pins),
    ];
  }
  return container?.dockerfile ? standInFiles(pins) : [];
}

/** The folders of these files, each before what is in it. */
export function foldersOf(files: readonly EnvironmentFile[]): string[] {
  return [...new Set(files.map(({ path }) => path.slice(0, path.lastIndexOf("/"))))].sort();
}

/** Stand-ins whose versions differ from those in the toolkit come with the job. */
function standInFiles(pins: StandInPins): EnvironmentFile[] {
  const wheels = Object.keys(pins).map((name) => makeStandIn(name, standInVersion(name, pins)));
  return [at("constraints.txt", standInConstraints(pins)), ...wheels.map(({ file, bytes }) => at(`wheels/${file}`, bytes))];
}

function at(path: string, content: string | Uint8Array): EnvironmentFile {
  return { path: `${JOB_LAYOUT.environment}/${path}`, content };
}
