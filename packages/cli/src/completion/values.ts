import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { longName } from "../flags.ts";
import { GLOBAL_FLAGS, type GlobalValues } from "../globals.ts";
import { CONFIGURATION_FOLDERS, projectFolder } from "../project/folder.ts";
import { workspaceOf } from "../project/workspace.ts";
import { homeOf } from "../server/home.ts";
import type { Client, World } from "../world.ts";
import type { Candidate } from "./complete.ts";
import type { Kind } from "./kinds.ts";

/** Somebody waits with a finger on the key. SWITCHYARD_COMPLETION_SECONDS is for whose server is far away or busy. */
const PATIENCE_SECONDS = 1.5;
const NEWEST_RUNS = 50;

/** The names that there are of a kind. Asks the server only when one runs, and says nothing when it does not answer soon. */
export async function valuesOf(kind: Kind, words: readonly string[], world: World): Promise<Candidate[]> {
  const global = globalsIn(words);
  if (kind === "configuration") return configurations(projectFolder(world, global), /\.runconfig$/);
  if (kind === "sweepConfiguration") return configurations(projectFolder(world, global), /(?<!conda_dependencies)\.ya?ml$/);
  if (kind === "status") return (await import("@switchyard/protocol")).RUN_STATUSES.map((status) => plain(status));
  const patience = Number(world.env.SWITCHYARD_COMPLETION_SECONDS) || PATIENCE_SECONDS;
  const enough = new Promise<Candidate[]>((done) => setTimeout(() => done([]), 1000 * patience).unref());
  return Promise.race([ask(kind, global, world).catch(() => []), enough]);
}

type Globals = Pick<GlobalValues, "home" | "path" | "workspace">;

async function ask(kind: Kind, global: Globals, world: World): Promise<Candidate[]> {
  const { connect } = await world.sdk();
  const api = await connect({ home: homeOf(world, global), start: false, onWarning: () => {} });
  const { name: workspace } = await workspaceOf(world, global);
  return (await ASK[kind]?.(api, workspace)) ?? [];
}

const plain = (word: string, about = ""): Candidate => ({ word, about });

type Asked = (api: Client, workspace: string) => Promise<Candidate[]>;
const ASK: Readonly<Partial<Record<Kind, Asked>>> = {
  async run(api, workspace) {
    const { items } = await api.listRuns({ params: { workspace }, query: { limit: NEWEST_RUNS, includeChildren: true } });
    return items.map(({ runId, status, displayName }) => plain(runId, `${status}${displayName ? `, ${displayName}` : ""}`));
  },
  async target(api, workspace) {
    return (await api.listTargets({ params: { workspace }, query: {} })).map(({ name, type }) => plain(name, type));
  },
  async experiment(api, workspace) {
    const { items } = await api.listExperiments({ params: { workspace }, query: { limit: 1000 } });
    return items.map(({ name, runs }) => plain(name, `${runs} runs`));
  },
  async environment(api, workspace) {
    return (await api.listEnvironments({ params: { workspace } })).map(({ name, version }) => plain(name, `version ${version}`));
  },
  async workspace(api) {
    return (await api.listWorkspaces({})).map(({ name, description }) => plain(name, description ?? ""));
  },
  async datastore(api, workspace) {
    return (await api.listDatastores({ params: { workspace } })).map(({ name, datastoreType }) => plain(name, datastoreType));
  },
  async dataset(api, workspace) {
    const { items } = await api.listDatasets({ params: { workspace }, query: { limit: 1000 } });
    return items.map(({ name, version }) => plain(name, `version ${version}`));
  },
  async model(api, workspace) {
    const { items } = await api.listModels({ params: { workspace }, query: { limit: 1000 } });
    return [...new Set(items.map(({ name }) => name))].map((name) => plain(name));
  },
  async service(api, workspace) {
    return (await api.listServices({ params: { workspace }, query: {} })).map(({ name, state }) => plain(name, state));
  },
  async token(api) {
    return (await api.listTokens({})).map(({ tokenId, note }) => plain(tokenId, note));
  },
};

async function configurations(project: string, ending: RegExp): Promise<Candidate[]> {
  const files = await Promise.all(CONFIGURATION_FOLDERS.map((folder) => readdir(join(project, folder)).catch(() => [])));
  const names = files.flat().filter((file) => ending.test(file));
  return [...new Set(names)].map((file) => plain(file.replace(ending, "")));
}

/** The options of every command that say where to look, as far as they are typed. */
function globalsIn(words: readonly string[]): Globals {
  const typedValue = (key: keyof Globals): string | undefined => {
    const flag = GLOBAL_FLAGS[key];
    const names = [`-${flag.short}`, `--${longName(key, flag)}`, ...flag.aliases.map((alias) => `--${alias}`)];
    const at = words.findIndex((word, i) => names.includes(word) && i < words.length - 2);
    return at < 0 ? undefined : words[at + 1];
  };
  return { home: typedValue("home"), path: typedValue("path"), workspace: typedValue("workspace") };
}
