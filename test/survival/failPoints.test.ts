// The server is killed at every named place of a run's life in turn; the run still ends right.
import { rmSync } from "node:fs";
import { FAIL_POINTS } from "@switchyard/protocol";
import { afterAll, afterEach, beforeAll, describe, it, vi } from "vitest";
import { LiveServer } from "../support/liveServer.ts";
import { until } from "../support/wait.ts";
import { DATABASES } from "./databases.ts";
import { expectWhole, persistently, sendFolder, submitSurvivor, survivalFolder } from "./script.ts";

vi.setConfig({ testTimeout: 400_000 });
const WORK = { points: 50, lines: 50, outputBytes: 100_000, seconds: 0.3 };

for (const database of DATABASES) {
  describe(`a server on ${database.name}`, () => {
    const { folder, startsFile } = survivalFolder();
    let server: LiveServer;
    let databaseUrl: string | undefined;

    beforeAll(() => database.start());
    afterAll(async () => {
      await database.stop();
      rmSync(folder, { recursive: true });
    });
    afterEach(async () => {
      await server?.close();
    });

    it.each(FAIL_POINTS)("killed at %s brings the run to its right end", async (failAt) => {
      databaseUrl = await database.fresh();
      server = new LiveServer(databaseUrl ? { databaseUrl } : {});
      await server.start();
      await server.kill(); // so that home and token exist, whatever the fail point
      await server.start({ failAt });
      const runId = `fail-${failAt.replace(/\W/g, "-")}`;
      const submitted = persistently("the folder is sent", () => sendFolder(server.client, folder)).then((snapshotId) =>
        persistently("the run is submitted", () => submitSurvivor(server.client, snapshotId, startsFile, runId, WORK)),
      );
      await server.ended(120);
      await server.start();
      await submitted;
      await until(
        120,
        "the run has ended",
        async () => (await server.client.getRun({ params: { workspace: "default", runId } })).endTimeUtc,
      );
      await expectWhole(server.client, runId, startsFile, WORK);
    });
  });
}
