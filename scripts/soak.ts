// `npm run soak`: the long random survival test: 100 kills while 60 runs go through, on SQLite and on PostgreSQL.
// Repeat a failing order of kills with SWITCHYARD_SEED=N.

import { LiveServer } from "../test/support/liveServer.ts";
import { DATABASES } from "../test/survival/databases.ts";
import { surviveRandomKills } from "../test/survival/randomKills.ts";

const seed = Number(process.env.SWITCHYARD_SEED ?? Date.now() % 100_000);
const work = { points: 2_000, lines: 2_000, outputBytes: 5_000_000, seconds: 5 };
const only = process.argv[2];

for (const database of DATABASES.filter(({ name }) => !only || name.toLowerCase() === only.toLowerCase())) {
  console.log(`soak on ${database.name}: 60 runs, 100 kills, seed ${seed} ...`);
  const began = performance.now();
  await database.start();
  const databaseUrl = await database.fresh();
  const server = new LiveServer(databaseUrl ? { databaseUrl } : {});
  try {
    await surviveRandomKills({ servers: [server], runs: 60, kills: 100, work, seed, seconds: 900 });
    console.log(`soak on ${database.name}: whole, in ${((performance.now() - began) / 1000).toFixed(0)} s`);
  } finally {
    await server.close();
    await database.stop();
  }
}
