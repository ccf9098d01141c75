// 20 kills at random moments while 20 runs of 2,000 points, 2,000 lines and 5 MB each go through.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { LiveServer } from "../support/liveServer.ts";
import { DATABASES } from "./databases.ts";
import { surviveRandomKills } from "./randomKills.ts";

const WORK = { points: 2_000, lines: 2_000, outputBytes: 5_000_000, seconds: 3 };
const seed = Number(process.env.SWITCHYARD_SEED ?? Date.now() % 100_000);

for (const database of DATABASES) {
  describe(`on ${database.name}, seed ${seed}`, () => {
    beforeAll(() => database.start());
    afterAll(() => database.stop());

    it("20 runs survive 20 kills", { timeout: 800_000 }, async () => {
      const databaseUrl = await database.fresh();
      const server = new LiveServer(databaseUrl ? { databaseUrl } : {});
      try {
        await surviveRandomKills({ servers: [server], runs: 20, kills: 20, work: WORK, seed, seconds: 300 });
      } finally {
        await server.close();
      }
    });
  });
}

describe(`two servers on one PostgreSQL, seed ${seed}`, () => {
  const postgres = DATABASES.find((database) => database.name === "PostgreSQL")!;
  beforeAll(() => postgres.start());
  afterAll(() => postgres.stop());

  it("killed in turn, bring every run to its right end", { timeout: 800_000 }, async () => {
    const shared = mkdtempSync(join(tmpdir(), "switchyard-shared-"));
    const databaseUrl = (await postgres.fresh()) ?? expect.fail("no PostgreSQL");
    const options = { databaseUrl, artifactsUrl: `folder:${join(shared, "artifacts")}`, siteRoot: join(shared, "site") };
    const servers = [new LiveServer(options), new LiveServer(options)];
    try {
      await surviveRandomKills({ servers, runs: 10, kills: 10, work: WORK, seed, seconds: 300 });
    } finally {
      for (const server of servers) await server.close();
      rmSync(shared, { recursive: true, force: true });
    }
  });
});
