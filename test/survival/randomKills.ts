// Kills servers at random moments while runs go through, and checks that nothing was lost. Used by the tests (20 kills,
// 20 runs) and by `npm run soak` (100 kills, 60 runs).
import { rmSync } from "node:fs";
import type { SwitchyardClient } from "@switchyard/sdk";
import type { LiveServer } from "../support/liveServer.ts";
import { until } from "../support/wait.ts";
import { expectWhole, persistently, sendFolder, submitSurvivor, survivalFolder, type Workload } from "./script.ts";

export interface Ordeal {
  readonly servers: readonly LiveServer[];
  readonly runs: number;
  readonly kills: number;
  readonly work: Workload;
  readonly seed: number;
  /** how long everything may take */
  readonly seconds: number;
}

export async function surviveRandomKills(ordeal: Ordeal): Promise<void> {
  const { folder, startsFile } = survivalFolder();
  try {
    for (const server of ordeal.servers) await server.start();
    const client = () => ordeal.servers.find((server) => server.running)?.client ?? ordeal.servers[0]!.client;
    const ids = Array.from({ length: ordeal.runs }, (_, i) => `kill-${ordeal.seed}-${i}`);
    const submitted = Promise.all(ids.map((id) => submitOne(client, folder, startsFile, id, ordeal.work)));
    await killAtRandom(ordeal);
    await submitted;
    for (const server of ordeal.servers) if (!server.running) await server.start();
    for (const id of ids) await untilEnded(client, id, ordeal.seconds);
    for (const id of ids) await expectWhole(client(), id, startsFile, ordeal.work);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Kills one server after the other; the gaps between kills are drawn at random, from 0 to 0.8 s of a server's life. */
async function killAtRandom({ servers, kills, seed }: Ordeal): Promise<void> {
  const random = mulberry32(seed);
  for (let i = 0; i < kills; i++) {
    const server = servers[i % servers.length]!;
    if (!server.running) await server.start();
    await new Promise((resolve) => setTimeout(resolve, random() * 800)); // the moment is the point, not a wait for something
    await server.kill();
    await server.start();
  }
}

async function submitOne(client: () => SwitchyardClient, folder: string, startsFile: string, id: string, work: Workload) {
  const snapshotId = await persistently(`the folder of ${id} is sent`, () => sendFolder(client(), folder));
  await persistently(`${id} is submitted`, () => submitSurvivor(client(), snapshotId, startsFile, id, work));
}

async function untilEnded(client: () => SwitchyardClient, runId: string, seconds: number): Promise<void> {
  const params = { workspace: "default", runId };
  await until(seconds, `${runId} has ended`, async () => (await client().getRun({ params })).endTimeUtc);
}

/** A small seeded generator (mulberry32), so that a failing order of kills can be repeated. */
export function mulberry32(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
