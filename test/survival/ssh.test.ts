// Machines behind SSH that are cut off while their runs go on, and a server that is killed meanwhile.
import { it } from "vitest";
import { LiveServer } from "../support/liveServer.ts";
import { surviveCuts } from "./cutNetworks.ts";

const WORK = { points: 500, lines: 500, outputBytes: 1_000_000 };
const seed = Number(process.env.SWITCHYARD_SEED ?? Date.now() % 100_000);

it(`30 runs on three machines survive two cuts of 20 s each and two kills of the server, seed ${seed}`, { timeout: 600_000 }, async () => {
  const server = new LiveServer();
  try {
    await surviveCuts({ server, runs: 30, cuts: 2, cutSeconds: 20, kills: 2, work: WORK, seed, seconds: 300 });
  } finally {
    await server.close();
  }
});
