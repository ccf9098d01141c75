import type { Account } from "./account.ts";
import type { Ends } from "./bringRun.ts";
import { MlflowRefusal } from "./client.ts";
import { type MlflowRun, type ModelVersion, modelsOf, type RegisteredModel, versionsOf } from "./words.ts";

/** The tag of a version that tells which one it was at the source. */
const WAS = "switchyard.import.version";

/** Brings registered models whose versions come from runs that are here; `all`: every run was asked for. */
export async function bringModels(ends: Ends, here: ReadonlyMap<string, string>, account: Account, all: boolean): Promise<void> {
  const models = await modelsOf(ends.source);
  if (models === null || models.length === 0) return;
  account.models.found = models.length;
  if ((await modelsOf(ends.destination)) === null) {
    account.differences.push(`${models.length} registered models stay there: this server does not answer MLflow's model registry yet`);
    return;
  }
  for (const model of models) await bringModel(ends, model, here, account, all);
}

async function bringModel(
  ends: Ends,
  model: RegisteredModel,
  here: ReadonlyMap<string, string>,
  account: Account,
  all: boolean,
): Promise<void> {
  const { source, destination } = ends;
  const versions = (await versionsOf(source, model.name)).filter(({ run_id }) => all || (run_id !== undefined && here.has(run_id)));
  if (versions.length === 0 && !all) return;
  const { name, description, tags } = model;
  await unlessThere(() => destination.post("registered-models/create", { name, description, tags }));
  const there = new Map<string, string>();
  for (const { version, tags: own } of await versionsOf(destination, name)) {
    const was = own?.find(({ key }) => key === WAS)?.value;
    if (was !== undefined) there.set(was, version);
  }
  for (const version of versions) {
    const made = there.get(version.version) ?? (await bringVersion(ends, version, here, account));
    if (made === null) continue;
    there.set(version.version, made);
    if (made !== version.version) account.differences.push(`model ${name}: version ${version.version} is version ${made} here`);
  }
  for (const { alias, version } of model.aliases ?? []) {
    const made = there.get(version);
    if (made !== undefined) await destination.post("registered-models/alias", { name, alias, version: made });
  }
}

/** The version here; null where it cannot be: no run that is here made it. */
async function bringVersion(
  { destination }: Ends,
  version: ModelVersion,
  here: ReadonlyMap<string, string>,
  account: Account,
): Promise<string | null> {
  const { name, description, current_stage, source = "" } = version;
  const runId = version.run_id === undefined ? undefined : here.get(version.run_id);
  const path = /\/artifacts\/(.+)$/.exec(source)?.[1] ?? /^runs:\/[^/]+\/(.+)$/.exec(source)?.[1];
  if (runId === undefined || path === undefined) {
    account.differences.push(`model ${name}: version ${version.version} stays there: its files are of no run that is here (${source})`);
    return null;
  }
  const { run } = await destination.get<{ run: MlflowRun }>("runs/get", { run_id: runId });
  const { model_version } = await destination.post<{ model_version: ModelVersion }>("model-versions/create", {
    name,
    source: `${run.info.artifact_uri}/${path}`,
    run_id: runId,
    description,
    tags: [...(version.tags ?? []), { key: WAS, value: version.version }],
  });
  if (current_stage && current_stage !== "None") {
    await destination.post("model-versions/transition-stage", {
      name,
      version: model_version.version,
      stage: current_stage,
      archive_existing_versions: false,
    });
  }
  account.models.versions++;
  return model_version.version;
}

async function unlessThere(make: () => Promise<unknown>): Promise<void> {
  try {
    await make();
  } catch (error) {
    if (!(error instanceof MlflowRefusal) || error.word !== "RESOURCE_ALREADY_EXISTS") throw error;
  }
}
