import { z } from "zod";
import { jsonObject } from "../../json.ts";
import { runId } from "../../run/names.ts";
import { instant } from "../../run/run.ts";
import { sweepEntry, sweepLimits } from "../../sweep/journal.ts";
import { sweep, sweepReplay, sweepReport, sweepTrial } from "../../sweep/sweep.ts";
import { defineOperations } from "../operation.ts";
import { inWorkspace, ofRun } from "./params.ts";
import { submission } from "./runs.ts";

/** What a sweep is made from: a run as it is submitted, whose arguments all trials share, and what is varied. */
export const sweepSubmission = submission.extend({
  /** what `hdconfig.yml` says, with its keys; every default is filled in */
  sweep: jsonObject,
  /** `v1`: refuse what the hosted service refused; `own`: take all that works here, and note the difference */
  rules: z.enum(["v1", "own"]).default("own"),
  /** false: all trials are asked for (`addTrials`) by an optimiser elsewhere, and the space may be empty */
  generates: z.boolean().default(true),
});
export type SweepSubmission = z.infer<typeof sweepSubmission>;

/** A trial that an optimiser elsewhere wants tried. */
export const trialWish = z.object({
  values: jsonObject,
  /** which option of a nested choice they belong to */
  branches: z.record(z.string(), z.int().min(0)).default({}),
  /** by which the same wish, sent again, is the same trial */
  key: z.string().min(1).max(200).optional(),
});
export type TrialWish = z.infer<typeof trialWish>;

/** An entry of a journal, with its number and when it was written. */
export const numberedEntry = z.object({ number: z.int(), at: instant, entry: sweepEntry });
export type NumberedEntry = z.infer<typeof numberedEntry>;

/** A journal as a file carries it from one server to another. */
export const sweepJournal = z.object({ runId, entries: z.array(numberedEntry).min(1) });
export type SweepJournal = z.infer<typeof sweepJournal>;

const runningTooLong = 600;

/** Sweeps: hyperparameter tuning. Their parent runs and trials are runs, and all that is true of runs is true of them. */
export const sweepsOperations = defineOperations({
  submitSweep: {
    method: "POST",
    path: "/workspaces/{workspace}/sweeps",
    tag: "sweeps",
    access: "user",
    idempotent: true,
    summary: "Submit a sweep",
    params: inWorkspace,
    body: sweepSubmission,
    response: sweep,
  },
  getSweep: {
    method: "GET",
    path: "/workspaces/{workspace}/sweeps/{runId}",
    tag: "sweeps",
    access: "user or own run",
    above: true,
    summary: "A sweep with its trials; with `after`, as soon as its journal has more entries than that",
    params: ofRun,
    query: z.object({
      after: z.coerce.number().int().min(0).optional().describe("answer when the journal has more entries than this, or the sweep is over"),
      waitSeconds: z.coerce.number().min(0).max(runningTooLong).default(30).describe("the longest to wait for that"),
    }),
    response: sweep,
  },
  stopSweep: {
    method: "POST",
    path: "/workspaces/{workspace}/sweeps/{runId}/stop",
    tag: "sweeps",
    access: "user",
    summary: "Make no more trials; with `cancelRunning`, stop those that run. A sweep that is over is not an error",
    params: ofRun,
    body: z.object({ cancelRunning: z.boolean().default(false) }),
    response: sweep,
  },
  resumeSweep: {
    method: "POST",
    path: "/workspaces/{workspace}/sweeps/{runId}/resume",
    tag: "sweeps",
    access: "user",
    summary: "Let a sweep that was stopped, canceled or ended by a limit go on; trials that were cut off are tried again",
    params: ofRun,
    body: z.object({}),
    response: sweep,
  },
  extendSweep: {
    method: "POST",
    path: "/workspaces/{workspace}/sweeps/{runId}/extend",
    tag: "sweeps",
    access: "user",
    summary: "Change the limits of a sweep; one that is over goes on",
    params: ofRun,
    body: sweepLimits,
    response: sweep,
  },
  addTrials: {
    method: "POST",
    path: "/workspaces/{workspace}/sweeps/{runId}/trials",
    tag: "sweeps",
    access: "user",
    summary: "Have values of somebody else's choosing tried; a wish with the key of an earlier one is that trial",
    params: ofRun,
    body: z.object({ trials: z.array(trialWish).min(1).max(1000) }),
    response: z.array(sweepTrial),
  },
  lendTrial: {
    method: "POST",
    path: "/workspaces/{workspace}/sweeps/{runId}/suggestions",
    tag: "sweeps",
    access: "user",
    summary: "Have the sweep's sampler suggest a trial that you try yourself: its run is there, to log to and to end",
    params: ofRun,
    body: z.object({ key: z.string().min(1).max(200).optional().describe("sent again, it is the same trial") }),
    response: sweepTrial,
  },
  readSweepJournal: {
    method: "GET",
    path: "/workspaces/{workspace}/sweeps/{runId}/journal",
    tag: "sweeps",
    access: "user",
    summary: "The journal of a sweep: every observation, suggestion and decision, in order",
    params: ofRun,
    query: z.object({
      from: z.coerce.number().int().min(0).default(0),
      limit: z.coerce.number().int().min(1).max(10_000).default(1000),
    }),
    response: z.object({ entries: z.array(numberedEntry), next: z.int().nullable() }),
  },
  reportSweep: {
    method: "GET",
    path: "/workspaces/{workspace}/sweeps/{runId}/report",
    tag: "sweeps",
    access: "user",
    summary: "What came of a sweep: its trials, how the best score grew, which parameters matter, what was saved",
    params: ofRun,
    response: sweepReport,
  },
  replaySweep: {
    method: "GET",
    path: "/workspaces/{workspace}/sweeps/{runId}/replay",
    tag: "sweeps",
    access: "user",
    summary: "Decide everything again from what was observed, and compare with what was decided",
    params: ofRun,
    response: sweepReplay,
  },
  replayJournal: {
    method: "POST",
    path: "/workspaces/{workspace}/sweep-replays",
    tag: "sweeps",
    access: "user",
    summary: "The same for the journal of a sweep that another server has; nothing of it is kept",
    params: inWorkspace,
    body: sweepJournal,
    response: sweepReplay,
  },
});
