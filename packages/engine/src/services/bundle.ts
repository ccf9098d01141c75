import type { BundleEntry, JobBundle } from "@switchyard/compute";
import { SERVING } from "@switchyard/protocol";
import type { ServiceRecord } from "@switchyard/store";
import { entriesOfSnapshot, entryOf } from "../bundle/packBundle.ts";
import type { EngineContext } from "../context.ts";
import { serviceJobFile } from "./jobFile.ts";
import { openServiceSecrets } from "./secrets.ts";

/** A service packed for the road: its entry script's folder, and the files of its models. */
export function packService(context: EngineContext, service: ServiceRecord, jobId: string): JobBundle {
  const { inference, deployment } = service.definition;
  const { primaryKey: _, secondaryKey: __, passSecret, ...secrets } = openServiceSecrets(context, service);
  const variables = { AZUREML_ENTRY_SCRIPT: inference.entryScript };
  return {
    id: jobId,
    job: serviceJobFile(service, jobId, variables, context.settings.images),
    // a local service is asked directly; every other one only through the server, which knows its keys
    secrets: { ...secrets, ...(deployment.computeType === "local" ? {} : { [SERVING.secret]: passSecret }) },
    code: () => entriesOfSnapshot(context, inference.snapshotId, `web service ${service.name}`),
    checkpoints: nothing,
    data: () => modelsOf(context, service),
  };
}

async function* nothing(): AsyncGenerator<BundleEntry> {}

/** `azureml-models/<name>/<version>/` with the files of each model. */
async function* modelsOf(context: EngineContext, { workspace, definition }: ServiceRecord): AsyncGenerator<BundleEntry> {
  const known = new Set<string>();
  for (const { name, version } of definition.models) {
    const model = await context.store.modelVersions.require(workspace, name, version);
    const root = `${SERVING.modelFolder}/${name}/${version}`;
    yield* newFolders(`${root}/x`, known);
    for (const { path, sha256, size } of await context.store.modelVersions.files(model)) {
      yield* newFolders(`${root}/${path}`, known);
      yield entryOf(context, `${root}/${path}`, { kind: "file", name: path, mode: 0o644, size, sha256 });
    }
  }
  yield* newFolders(`${SERVING.modelFolder}/x`, known);
}

/** The folders above a path that were not there yet, the outer ones first. */
function* newFolders(path: string, known: Set<string>): Generator<BundleEntry> {
  const parts = path.split("/").slice(0, -1);
  for (const index of parts.keys()) {
    const folder = parts.slice(0, index + 1).join("/");
    if (known.has(folder)) continue;
    known.add(folder);
    yield { kind: "folder", path: folder, mode: 0o755 };
  }
}
