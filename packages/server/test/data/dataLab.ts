// A server with a folder that datastores may be made of, and what tests of data ask of it.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DatastoreFile, Run, RunDetails, SavedDataset } from "@switchyard/protocol";
import { afterEach, beforeEach } from "vitest";
import { eventually } from "../support/eventually.ts";
import { frame, sha256, TemporaryServer } from "../support/temporaryServer.ts";

export const WS = "/workspaces/default";
export const STORE = `${WS}/datastores/workspaceblobstore`;
const USER = { python: { userManagedDependencies: true, interpreterPath: "python3" } };

/** Starts a server before each test of the file that calls it; `server` may be replaced by a test. */
export function useDataLab() {
  const lab = {} as { server: TemporaryServer; folder: string };
  beforeEach(async () => {
    lab.folder = mkdtempSync(join(tmpdir(), "switchyard-data-"));
    lab.server = await TemporaryServer.start({ datastoreRoots: [lab.folder] });
  });
  afterEach(async () => {
    await lab.server.close();
    rmSync(lab.folder, { recursive: true, force: true });
  });

  const upload = async (files: Readonly<Record<string, string>>, existing = "refuse", store = STORE) => {
    await lab.server.get("POST", "/blobs", frame(Object.values(files)));
    const rows = Object.entries(files).map(([path, text]) => ({ path, sha256: sha256(text), size: Buffer.byteLength(text) }));
    return await lab.server.get<{ added: number; same: number; skipped: string[] }>("POST", `${store}/files`, { files: rows, existing });
  };
  const listed = async (query = "", store = STORE) =>
    (await lab.server.get<{ items: DatastoreFile[]; next: string | null }>("GET", `${store}/files${query}`)).items.map(({ path }) => path);
  const textOf = async (path: string) => await (await lab.server.ask("GET", path)).text();
  const save = (definition: object) => lab.server.get<SavedDataset>("POST", `${WS}/datasets`, { definition });
  const files = (...paths: string[]) => ({
    kind: "file",
    sources: paths.map((path) => ({ datastore: "workspaceblobstore", path })),
  });

  const submit = async (script: string, sections: object, more: object = {}) => {
    const snapshotId = await lab.server.snapshotOf({ "run.sh": script });
    const runConfiguration = { command: ["sh", "run.sh"], environment: USER, ...sections };
    return await lab.server.get<Run>("POST", `${WS}/runs`, { experimentName: "data", snapshotId, runConfiguration, ...more });
  };
  const ended = async (runId: string) => {
    await eventually(async () => (await lab.server.get<Run>("GET", `${WS}/runs/${runId}`)).endTimeUtc !== null);
    return await lab.server.get<RunDetails>("GET", `${WS}/runs/${runId}`);
  };
  const logOf = (runId: string) => textOf(`${WS}/runs/${runId}/files/azureml-logs/80_driver_log.txt`);
  const refusal = async (sections: object) => {
    const snapshotId = await lab.server.snapshotOf({ "run.sh": "exit 0" });
    const runConfiguration = { command: ["sh", "run.sh"], environment: USER, ...sections };
    return await lab.server.problem("POST", `${WS}/runs`, { experimentName: "data", snapshotId, runConfiguration });
  };
  return Object.assign(lab, { upload, listed, textOf, save, files, submit, ended, logOf, refusal });
}
