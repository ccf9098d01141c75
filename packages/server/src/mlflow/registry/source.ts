import { NotFound } from "@switchyard/protocol";
import type { LoggedModel, ModelVersionRecord } from "@switchyard/store";
import { invalid } from "../errors.ts";
import type { MlflowCall } from "../operation.ts";
import { modelLocationOf } from "../wire.ts";
import { noVersion } from "./find.ts";

type Asked = Pick<MlflowCall<unknown>, "parts" | "workspace" | "caller">;

/** What a model version is made from. */
export interface RegisteredSource {
  /** where its files are, when `source` names another model */
  readonly location: string | null;
  /** the version that it is a copy of */
  readonly copied: ModelVersionRecord | null;
}

/** Looks at the `source` of a new model version. Throws when nobody could ever read it, or when it leads out of where it lies. */
export async function lookAtSource(call: Asked, source: string): Promise<RegisteredSource> {
  const { parts, workspace } = call;
  refuseLocal(source);
  refuseEscape(source);
  const [, rest] = /^models:\/+(.+)$/s.exec(source) ?? [];
  if (rest === undefined) return { location: null, copied: null };
  const [name, version] = rest.split("/") as [string, string | undefined];
  if (version === undefined && name.startsWith("m-")) {
    const logged = await loggedModelOf(call, name);
    if (logged === null) return { location: null, copied: null };
    const experiment = await parts.store.trackedExperiments.get(workspace, logged.experimentId);
    return { location: modelLocationOf(logged, experiment.artifactLocation), copied: null };
  }
  if (version === undefined || !/^\d{1,9}$/.test(version)) {
    throw invalid(`Invalid model version source: '${source}' names no version: write models:/<name>/<version>.`);
  }
  const copied = await parts.store.modelVersions.get(workspace, name, Number(version));
  if (copied === undefined) throw noVersion(name, Number(version));
  return { location: copied.location ?? copied.source, copied };
}

/**
 * A logged model by its id. Null for one that a script in a run names and nobody here knows: what its script logged is on its way
 * with the journal, and a registration must not fail a training for that. Throws NotFound otherwise.
 */
export async function loggedModelOf({ parts, workspace, caller }: Asked, modelId: string): Promise<LoggedModel | null> {
  try {
    return await parts.store.loggedModels.get(workspace, modelId);
  } catch (error) {
    if (caller.scope === "run" && error instanceof NotFound) return null;
    throw error;
  }
}

/** A path on the client's disk, which this server neither reads nor hands out. */
function refuseLocal(source: string): void {
  if (/^[A-Za-z][A-Za-z0-9+.-]+:/.test(source) && !/^file:/i.test(source)) return;
  throw invalid(
    `Invalid model version source: '${source}'. To use a local path as a model version source is not possible here: log its files to a run or as a model, and register those.`,
  );
}

function refuseEscape(source: string): void {
  let plain = source;
  for (let decoded = tryDecode(plain); decoded !== plain; decoded = tryDecode(plain)) plain = decoded;
  if (!/[\0\\]/.test(plain) && !plain.split(/[/?#]/).includes("..")) return;
  throw invalid(
    `Invalid model version source: '${source}'. If supplying a source as an http, https, s3, ftp, mlflow-artifacts or other URI, it may hold no '..', no backslash and no NUL.`,
  );
}

function tryDecode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
