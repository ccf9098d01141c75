import type { Ends } from "./bringRun.ts";
import type { Here } from "./here.ts";
import type { LoggedModel, MlflowRun, ModelVersion } from "./words.ts";

/** What a version of a registered model is made of here. */
export interface VersionSource {
  readonly uri: string;
  readonly modelId?: string | undefined;
  /** it is neither there nor here: in a bucket, for example */
  readonly elsewhere: boolean;
}

/** The source of a version in the words of here; null when its files are of nothing that is here. */
export async function sourceHere(ends: Ends, version: ModelVersion, here: Here): Promise<VersionSource | null> {
  const uri = await placeOf(ends, version);
  const modelId = version.model_id ? here.models.get(version.model_id) : undefined;
  const [, ofUri] = /^models:\/+([^/]+)$/.exec(uri) ?? [];
  const whole = ofUri === undefined ? undefined : here.models.get(ofUri);
  if (whole !== undefined) return { uri: `models:/${whole}`, modelId: whole, elsewhere: false };
  // the last `…/<id>/artifacts/…` of a known id: the folder that a server keeps artifacts in may be called artifacts too
  for (const [, id, path] of uri.matchAll(/\/([^/]+)(?=\/artifacts(\/.+)?$)/g)) {
    const model = here.models.get(id!);
    if (model !== undefined) {
      const { model: own } = await ends.destination.get<{ model: LoggedModel }>(`logged-models/${model}`);
      return { uri: `${own.info.artifact_uri}${path ?? ""}`, modelId: modelId ?? model, elsewhere: false };
    }
    const run = here.runs.get(id!);
    if (run !== undefined && path !== undefined) return { uri: await inRun(ends, run, path), modelId, elsewhere: false };
  }
  const [, runId, path] = /^runs:\/+([^/]+)(\/.+)$/.exec(uri) ?? [];
  const run = runId === undefined ? undefined : here.runs.get(runId);
  if (run !== undefined) return { uri: await inRun(ends, run, path!), modelId, elsewhere: false };
  return /^(?!file:|runs:|models:|mlflow-artifacts:)[a-z][a-z0-9+.-]+:/i.test(uri) && !version.run_id
    ? { uri, modelId, elsewhere: true }
    : null;
}

/** Where the files are; of a copy of another version, where that one's are. */
async function placeOf({ source }: Ends, { name, version, source: uri = "" }: ModelVersion): Promise<string> {
  if (!/^models:\/+[^/]+\/[^/]+$/.test(uri)) return uri;
  return (await source.get<{ artifact_uri: string }>("model-versions/get-download-uri", { name, version })).artifact_uri;
}

async function inRun({ destination }: Ends, runId: string, path: string): Promise<string> {
  const { run } = await destination.get<{ run: MlflowRun }>("runs/get", { run_id: runId });
  return `${run.info.artifact_uri}${path}`;
}
