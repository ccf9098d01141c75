// The server is killed at every named place of putting a run's outputs on a datastore; they are there once, whole and registered once.
import { createHash } from "node:crypto";
import { encodeTree, OUTPUT_FAIL_POINTS } from "@switchyard/protocol";
import { afterEach, expect, it, vi } from "vitest";
import { LiveServer } from "../support/liveServer.ts";
import { until } from "../support/wait.ts";
import { persistently } from "./script.ts";

vi.setConfig({ testTimeout: 400_000 });
let server: LiveServer;
afterEach(() => server?.close());

const WORKSPACE = { workspace: "default" };
const SCRIPT = 'mkdir "$1/deep"; head -c 300000 /dev/zero > "$1/deep/big.bin"; echo small > "$1/small.txt"';
const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");

/** Names the snapshot of the script, as somebody does who tries again while the server is away. */
async function snapshot(): Promise<string> {
  const root = encodeTree([{ kind: "file", name: "run.sh", mode: 0o644, size: SCRIPT.length, sha256: sha256(SCRIPT) }]);
  for (const text of [SCRIPT, root]) await server.client.putBlob({ params: { sha256: sha256(text) }, body: Buffer.from(text) });
  return (await server.client.createSnapshot({ params: WORKSPACE, body: { root: sha256(root) } })).snapshotId;
}

it.each(OUTPUT_FAIL_POINTS)("killed at %s", async (failAt) => {
  server = new LiveServer();
  await server.start();
  await server.kill();
  await server.start({ failAt });
  const runConfiguration = {
    command: ["sh", "run.sh", "DatasetOutputConfig:made"],
    environment: { python: { userManagedDependencies: true, interpreterPath: "python3" } },
    outputData: {
      made: { outputLocation: { dataPath: { relativePath: "made" } }, additionalOptions: { registrationOptions: { name: "made" } } },
    },
  };
  const runId = `outputs-${failAt.replace(/\W/g, "-")}`;
  const snapshotId = await persistently("the script is sent", snapshot);
  await persistently("the run is submitted", () =>
    server.client.submitRun({ params: WORKSPACE, body: { experimentName: "outputs", runId, snapshotId, runConfiguration } }),
  );
  await server.ended(120);
  await server.start();
  const params = { ...WORKSPACE, runId };
  await until(120, "the run has ended", async () => (await server.client.getRun({ params })).endTimeUtc);
  const run = await server.client.getRun({ params });
  expect(run).toMatchObject({ status: "Completed", warnings: [] });
  expect(run.outputDatasets).toMatchObject([{ dataset: { name: "made", version: 1 }, files: 2, bytes: 300_006 }]);
  const { items } = await server.client.listDatastoreFiles({ params: { ...WORKSPACE, name: "workspaceblobstore" }, query: {} });
  expect(items.map(({ path, size }) => [path, size])).toEqual([["made/deep/big.bin", 300_000], ["made/small.txt", 6]]); // biome-ignore format: short
  const versions = await server.client.listDatasetVersions({ params: { ...WORKSPACE, name: "made" } });
  expect(versions).toHaveLength(1);
  const own = await server.client.listRunFiles({ params, query: {} });
  expect(own.filter(({ path }) => path.startsWith("dataoutputs/"))).toEqual([]);
});
