import type { AnyCommand } from "./command.ts";
import { COMMANDS } from "./commands/index.ts";
import { NOT_YET } from "./notYet.ts";
import type { Paint } from "./output/paint.ts";

const INTRODUCTION = `Switchyard carries a training script, unchanged, to any compute and keeps one history of all runs.

  switchyard submit train.py --epochs 5     run train.py of this folder; no YAML, no server to start
  switchyard run list                       what ran
  switchyard run why -r RUN                 what a run waits for or died of
`;

/** What the words that stand before a command are about. */
export const GROUPS: Readonly<Record<string, string>> = {
  completion: "Completion of commands and options in a shell",
  az: "What the program az says where there is no Azure CLI (`switchyard az-shim`)",
  "az account": "The one subscription of a server",
  "az extension": "Extensions of the Azure CLI",
  "az group": "Resource groups",
  "az-shim": "A program az that answers az ml, for scripts of Azure ML v1",
  computetarget: "Where runs can go",
  "computetarget amlcompute": "Managed clusters",
  "computetarget amlcompute identity": "Managed identities of a cluster",
  "computetarget attach": "Attach a machine or service that exists",
  "computetarget create": "Create a compute target",
  dataset: "Files and tables by reference, by name and version",
  datastore: "Storage that a workspace knows by a name",
  endpoint: "Web services whose versions share the traffic",
  environment: "Interpreters and packages that runs use",
  experiment: "Names under which runs are grouped",
  folder: "The link between a project folder and a workspace",
  import: "Bring over what lies elsewhere",
  pipeline: "Steps that run one after another or side by side",
  model: "Models by name and version, with their files",
  run: "Submit runs, watch them, get what they made",
  service: "Models behind an HTTP address",
  secret: "Texts that are kept encrypted, and that runs read by name",
  sweep: "Sweeps: how they stand, what came of them; stop them, let them go on",
  token: "Who may use the server",
  workspace: "What keeps the experiments of a team apart",
  "workspace private-endpoint": "Private networking",
};

/** The list of commands of one group, or of the whole program when `group` is empty. */
export async function overview(group: string, paint: Paint): Promise<string> {
  const commands = await loadCommands(group);
  const words = group === "" ? 0 : group.split(" ").length;
  const lines = new Map<string, string>();
  for (const [name, command] of commands) {
    const parts = name.split(" ");
    const isLeaf = parts.length === words + 1 || group !== "";
    if (isLeaf) lines.set(name, command.summary);
    else
      lines.set(
        `${parts[0]} …`,
        `${GROUPS[parts[0]!]}: ${[...commands.keys()]
          .filter((n) => n.startsWith(`${parts[0]} `))
          .map((n) => n.slice(parts[0]!.length + 1))
          .join(", ")}`,
      );
  }
  const later = group === "" ? [] : Object.keys(NOT_YET).filter((name) => name.startsWith(`${group} `) && !commands.has(name));
  const width = Math.max(...[...lines.keys(), ...later].map((name) => name.length));
  for (const name of later) lines.set(name, `${NOT_YET[name]}: not in this version`);
  const list = [...lines].map(([name, summary]) => `  ${paint.bold(name.padEnd(width))}  ${summary}`).join("\n");
  const head = group === "" ? INTRODUCTION : `${GROUPS[group] ?? group}.\n`;
  return `${head}\nCommands:\n${list}\n\n\`switchyard${group === "" ? "" : ` ${group}`} COMMAND --help\` explains one, with examples.\n`;
}

/** The definitions of every command whose name begins with `group`. */
export async function loadCommands(group = ""): Promise<Map<string, AnyCommand>> {
  const names = Object.keys(COMMANDS).filter((name) => group === "" || name === group || name.startsWith(`${group} `));
  const loaded = await Promise.all(names.map(async (name) => [name, await COMMANDS[name as keyof typeof COMMANDS]()] as const));
  return new Map(loaded as readonly (readonly [string, AnyCommand])[]);
}
