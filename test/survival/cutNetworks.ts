// Machines behind SSH whose cables are pulled again and again, and a server that is killed meanwhile, while runs go through.
// Used by the tests (30 runs, cuts of 20 s, two a host) and by `npm run soak` (120 runs, 30 s, three).
import { existsSync, readdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { type SshHost, SshLab } from "@switchyard/compute/testing";
import { expect } from "vitest";
import type { LiveServer } from "../support/liveServer.ts";
import { attachHost } from "../support/sshTargets.ts";
import { until } from "../support/wait.ts";
import { mulberry32 } from "./randomKills.ts";
import { expectWhole, persistently, sendFolder, submitSurvivor, survivalFolder, type Workload } from "./script.ts";

const HOSTS = 3;

export interface CutOrdeal {
  readonly server: LiveServer;
  readonly runs: number;
  /** of each host */
  readonly cuts: number;
  readonly cutSeconds: number;
  /** of the server */
  readonly kills: number;
  readonly work: Omit<Workload, "seconds">;
  readonly seed: number;
  /** how long everything may take once all cables are plugged in again */
  readonly seconds: number;
}

interface Survivor {
  readonly id: string;
  readonly target: string;
  readonly work: Workload;
  readonly submittedAfterSeconds: number;
}

export async function surviveCuts(ordeal: CutOrdeal): Promise<void> {
  const { folder, startsFile } = survivalFolder();
  const lab = await SshLab.start(HOSTS);
  try {
    await ordeal.server.start();
    for (const host of lab.hosts) {
      await attachHost(ordeal.server.client, lab, host, lab.auth(host === lab.host ? "password" : "key"));
    }
    const random = mulberry32(ordeal.seed);
    const survivors = planRuns(ordeal, lab.hosts, random);
    const submitted = Promise.all(survivors.map((run) => submitInTime(ordeal.server, folder, startsFile, run)));
    const cut = Promise.all(lab.hosts.map((host) => cutAgainAndAgain(ordeal, host, random)));
    const killed = killMeanwhile(ordeal, random);
    const results = await Promise.allSettled([submitted, cut, killed]);
    for (const result of results) if (result.status === "rejected") throw result.reason;
    const end = performance.now() + ordeal.seconds * 1000;
    for (const run of survivors) await untilEnded(ordeal.server, run.id, Math.max(1, (end - performance.now()) / 1000));
    for (const run of survivors) await expectWhole(ordeal.server.client, run.id, startsFile, run.work);
  } finally {
    await lab.close();
    for (const each of [folder, dirname(startsFile)]) rmSync(each, { recursive: true, force: true });
  }
}

/** how long the cuts of one host take at most, pauses included */
const throughoutSeconds = ({ cuts, cutSeconds }: CutOrdeal) => cuts * (cutSeconds + LONGEST_PAUSE_SECONDS);
const LONGEST_PAUSE_SECONDS = 4;
/** for which a long run outlasts them, however slowly the host's first cut came about */
const OUTLASTS_SECONDS = 10;

/** Every fifth run goes on through all cuts; the others are short or long, and begin and end at any moment, during cuts as well. */
function planRuns(ordeal: CutOrdeal, hosts: readonly SshHost[], random: () => number): Survivor[] {
  const throughout = throughoutSeconds(ordeal);
  return Array.from({ length: ordeal.runs }, (_, i) => {
    const isLong = i < ordeal.runs / 5;
    return {
      id: `cut-${ordeal.seed}-${i}`,
      target: hosts[i % hosts.length]!.name,
      work: { ...ordeal.work, seconds: isLong ? throughout + OUTLASTS_SECONDS : 1 + random() * (throughout / 3) },
      submittedAfterSeconds: isLong ? 0 : random() * throughout * 0.7,
    };
  });
}

async function submitInTime({ client }: LiveServer, folder: string, startsFile: string, run: Survivor): Promise<void> {
  await pause(run.submittedAfterSeconds); // the moment is the point, not a wait for something
  const snapshotId = await persistently(`the folder of ${run.id} is sent`, () => sendFolder(client, folder));
  await persistently(`${run.id} is submitted`, () => submitSurvivor(client, snapshotId, startsFile, run.id, run.work, run.target));
}

async function cutAgainAndAgain({ cuts, cutSeconds }: CutOrdeal, host: SshHost, random: () => number): Promise<void> {
  for (let i = 0; i < cuts; i += 1) {
    await until(200, `a script runs on ${host.name}`, async () => openJobs(host) > 0);
    await pause(1 + random() * (LONGEST_PAUSE_SECONDS - 1));
    const plugIn = await host.cut();
    await pause(cutSeconds);
    expect({ host: host.name, scriptsRunWithoutUs: openJobs(host) > 0 }).toEqual({ host: host.name, scriptsRunWithoutUs: true });
    await plugIn();
  }
}

/** Each kill comes in another part of the time, and the server is away for up to three seconds. */
async function killMeanwhile(ordeal: CutOrdeal, random: () => number): Promise<void> {
  const part = throughoutSeconds(ordeal) / ordeal.kills;
  for (let i = 0; i < ordeal.kills; i += 1) {
    const at = random() * (part - 3);
    const away = random() * 3;
    await pause(at);
    await ordeal.server.kill();
    await pause(away);
    await ordeal.server.start();
    await pause(part - at - away);
  }
}

/** Jobs that were claimed on a host and have not ended: its disk can be seen from here. */
function openJobs(host: SshHost): number {
  const jobs = join(host.home, ".switchyard/site/jobs");
  const attemptOf = (job: string) => join(jobs, job, ".switchyard/attempts/1");
  if (!existsSync(jobs)) return 0;
  return readdirSync(jobs).filter((job) => existsSync(attemptOf(job)) && !existsSync(join(attemptOf(job), "ended.json"))).length;
}

async function untilEnded(server: LiveServer, runId: string, seconds: number): Promise<void> {
  const params = { workspace: "default", runId };
  await until(seconds, `${runId} has ended`, async () => (await server.client.getRun({ params })).endTimeUtc);
}

const pause = (seconds: number) => new Promise((resolve) => setTimeout(resolve, seconds * 1000));
