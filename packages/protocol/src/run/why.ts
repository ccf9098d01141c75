import { z } from "zod";
import { instant } from "./run.ts";

/** One dated fact in a run's life, for the timeline. */
export const timelineEntry = z.object({
  at: instant,
  attempt: z.int().nullable(),
  /** `submitted`, `queued`, `staged`, `launched`, `claimed`, `environment`, `started`, `cancel_requested`, `exited`, `collected`, `ended`, `unreachable`, … */
  what: z.string(),
  detail: z.string().nullable(),
});
export type TimelineEntry = z.infer<typeof timelineEntry>;

/** What a run waits for or died of, in words, with the last lines that matter. */
export const why = z.object({
  runId: z.string(),
  status: z.string(),
  summary: z.string(),
  hints: z.array(z.string()),
  lastLines: z.array(z.object({ file: z.string(), lines: z.array(z.string()) })),
  timeline: z.array(timelineEntry),
});
export type Why = z.infer<typeof why>;
