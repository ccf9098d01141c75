import type { ModelRecord, ModelVersionRecord } from "@switchyard/store";

/** How models look on MLflow's wire. */

export function wireRegisteredModel(model: ModelRecord): object {
  return {
    name: model.name,
    creation_timestamp: model.createdAt.getTime(),
    last_updated_timestamp: model.updatedAt.getTime(),
    description: model.description ?? "",
    latest_versions: model.latest.map(wireModelVersion),
    tags: pairsOf(model.tags),
    aliases: Object.entries(model.aliases).map(([alias, version]) => ({ alias, version: String(version) })),
  };
}

export function wireModelVersion(version: ModelVersionRecord): object {
  return {
    name: version.name,
    version: String(version.version),
    creation_timestamp: version.createdAt.getTime(),
    last_updated_timestamp: version.updatedAt.getTime(),
    user_id: version.createdBy ?? "",
    current_stage: version.stage,
    description: version.description ?? "",
    source: version.source ?? ownUriOf(version),
    run_id: version.runId ?? "",
    run_link: version.runLink ?? "",
    status: "READY",
    tags: pairsOf(version.tags),
    aliases: version.aliases,
    ...(version.loggedModelId !== null && { model_id: version.loggedModelId }),
  };
}

/** The address of the files of a version that was registered in our words. */
export function ownUriOf({ name, version }: Pick<ModelVersionRecord, "name" | "version">): string {
  return `mlflow-artifacts:/${OWN_FOLDER}/${name}/${version}`;
}

/** What paths below `mlflow-artifacts:/` begin with that name the files of a version. */
const OWN_FOLDER = "registered-models";
const OWN_PATH = new RegExp(`^${OWN_FOLDER}/([^/]+)/(\\d{1,9})(?:/(.*))?$`, "s");

/** The version that a path below `mlflow-artifacts:/` names, and the rest of the path; null when it names none. */
export function versionOfPath(path: string): { readonly name: string; readonly version: number; readonly rest: string } | null {
  const [, name, version, rest = ""] = OWN_PATH.exec(path) ?? [];
  return name === undefined ? null : { name, version: Number(version), rest };
}

const pairsOf = (pairs: Readonly<Record<string, string>>) => Object.entries(pairs).map(([key, value]) => ({ key, value }));
