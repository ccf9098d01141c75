// `npm run soak`: the long random survival tests. On SQLite and on PostgreSQL: 100 kills while 60 runs go through. On machines
// behind SSH: three of them, each cut off three times for 30 s, while 120 runs go through and the server is killed four times.
// A sweep of 200 trials on nodes of which 20 are taken away, with 100 kills. One of them alone: `npm run soak -- ssh`. Repeat a failing order of events with SWITCHYARD_SEED=N.

import { LiveServer } from "../test/support/liveServer.ts";
import { surviveCuts } from "../test/survival/cutNetworks.ts";
import { DATABASES } from "../test/survival/databases.ts";
import { surviveRandomKills } from "../test/survival/randomKills.ts";
import { surviveSweep } from "../test/survival/sweeps.ts";

const seed = Number(process.env.SWITCHYARD_SEED ?? Date.now() % 100_000);
const work = { points: 2_000, lines: 2_000, outputBytes: 5_000_000 };
const only = process.argv[2]?.toLowerCase();
const isWanted = (name: string) => only === undefined || only === name.toLowerCase();

for (const database of DATABASES.filter(({ name }) => isWanted(name))) {
  await database.start();
  try {
    const databaseUrl = await database.fresh();
    await soak(`${database.name}: 60 runs, 100 kills`, new LiveServer(databaseUrl ? { databaseUrl } : {}), (server) =>
      surviveRandomKills({ servers: [server], runs: 60, kills: 100, work: { ...work, seconds: 5 }, seed, seconds: 900 }),
    );
  } finally {
    await database.stop();
  }
}
if (isWanted("SSH")) {
  await soak("SSH: 120 runs on three machines, three cuts of 30 s each, 4 kills", new LiveServer(), (server) =>
    surviveCuts({ server, runs: 120, cuts: 3, cutSeconds: 30, kills: 4, work, seed, seconds: 900 }),
  );
}
if (isWanted("sweep")) {
  const variables = { SWITCHYARD_PREEMPTED_NODE_SECONDS: "1", SWITCHYARD_LEASE_SECONDS: "5" };
  // with a policy, so that decisions are among what is decided again
  const policy = { type: "MedianStoppingPolicy", evaluation_interval: 1, delay_evaluation: 2 };
  for (const [what, sweep] of [
    ["", {}],
    [", with a policy", { policy }],
  ] as const) {
    await soak(`a sweep: 200 trials, 100 kills, 20 preemptions${what}`, new LiveServer({ variables }), async (server) => {
      await surviveSweep({ server, trials: 200, kills: 100, preemptions: 20, seed, seconds: 1800, sweep });
    });
  }
}

async function soak(what: string, server: LiveServer, survive: (server: LiveServer) => Promise<void>): Promise<void> {
  console.log(`soak on ${what}, seed ${seed} ...`);
  const began = performance.now();
  try {
    await survive(server);
    console.log(`soak on ${what}: whole, in ${((performance.now() - began) / 1000).toFixed(0)} s`);
  } finally {
    await server.close();
  }
}
