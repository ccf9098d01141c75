/** Things whose names the server or the project folder knows, and files. */
export type Kind =
  | "run"
  | "target"
  | "experiment"
  | "environment"
  | "workspace"
  | "configuration"
  | "sweepConfiguration"
  | "model"
  | "datastore"
  | "dataset"
  | "service"
  | "token"
  | "status"
  | "file";

const OPTION_VALUES: Readonly<Record<string, Kind>> = {
  run: "run",
  "parent-run-id": "run",
  "run-id": "run",
  "experiment-name": "experiment",
  target: "target",
  status: "status",
  "model-name": "model",
  "compute-target-name": "target",
  environment: "environment",
  "workspace-name": "workspace",
  "run-configuration-name": "configuration",
  "hyperdrive-configuration-name": "sweepConfiguration",
};
const FILE_WORDS = ["FILE", "FOLDER", "PATH"];

/** What `-n NAME` of a command in this group names, where it names something that is there. */
const NAME_VALUES: Readonly<Record<string, Kind>> = {
  computetarget: "target",
  environment: "environment",
  experiment: "experiment",
  workspace: "workspace",
  model: "model",
  datastore: "datastore",
  dataset: "dataset",
  service: "service",
};
const MAKES_A_NAME = /\b(create|attach|attach-\w+(-gen2)?|register|scaffold|submit|deploy)\b/;

/** What arguments without an option are, by their key. */
export const ARGUMENT_VALUES: Readonly<Record<string, Kind>> = { runId: "run", runIds: "run", target: "target", tokenId: "token" };

/** What the values of an option are; null when nobody can know them. */
export function kindOfOption(option: string, command: string, valueName: string | null = null): Kind | null {
  if (Object.hasOwn(OPTION_VALUES, option)) return OPTION_VALUES[option]!;
  if (option === "name" && !MAKES_A_NAME.test(command)) return NAME_VALUES[command.split(" ")[0]!] ?? null;
  return valueName !== null && FILE_WORDS.includes(valueName) ? "file" : null;
}
