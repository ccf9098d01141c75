import type { Sweep, SweepTrial } from "@switchyard/protocol";
import { WATCHING_AWAY_SECONDS } from "@switchyard/sdk";
import type { Context } from "../command.ts";
import { EXIT } from "../errors.ts";
import { numberInWords } from "../output/words.ts";
import type { Client } from "../world.ts";
import { argumentsText, progressText } from "./views.ts";

const WAIT_SECONDS = 30;
/** Trials that end one after the other are told together. */
const PAUSE_MS = 300;

/** How following ended: with the sweep, or because the person has seen enough. */
export type FollowedSweep = { readonly detached: false; readonly sweep: Sweep } | { readonly detached: true; readonly exitCode: number };

/**
 * Tells of every trial that ends, and between them how far the sweep is, until it is over; a server that restarts meanwhile is waited
 * for. The first Ctrl-C detaches.
 */
export async function followSweep(
  { out, world }: Pick<Context, "out" | "world">,
  api: Client,
  params: { readonly workspace: string; readonly runId: string },
): Promise<FollowedSweep> {
  const detach = new AbortController();
  const stopListening = world.onInterrupt(() => detach.abort());
  const told = new Set<number>();
  try {
    let sweep = await api.getSweep({ params, query: {} });
    for (;;) {
      tellEnded(sweep, told, (line) => out.note(line));
      if (sweep.endTimeUtc !== null) return { detached: false, sweep };
      const { entries } = sweep;
      const query = { after: entries, waitSeconds: WAIT_SECONDS };
      const waiting = api.getSweep({ params, query, signal: detach.signal, awaySeconds: WATCHING_AWAY_SECONDS });
      sweep = await out.progress.during(`Sweep: ${progressText(sweep)} …`, () => waiting);
      if (sweep.endTimeUtc === null) await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  } catch (error) {
    if (!detach.signal.aborted) throw error;
  } finally {
    stopListening();
  }
  out.note(
    `\nDetached. The sweep goes on; \`switchyard sweep show -r ${params.runId}\` tells how it stands, ` +
      `\`switchyard run cancel -r ${params.runId}\` ends it.`,
  );
  return { detached: true, exitCode: EXIT.interrupted };
}

function tellEnded(sweep: Sweep, told: Set<number>, note: (line: string) => void): void {
  for (const trial of sweep.trials) {
    if (trial.state === "pending" || told.has(trial.trial)) continue;
    told.add(trial.trial);
    note(`${endText(trial, sweep.configuration.primaryMetricName)}  ${argumentsText(trial.arguments)}`);
  }
}

function endText({ trial, state, score, error, intervals, decision, retryOf }: SweepTrial, metric: string): string {
  const came = score === null ? `no ${metric}` : `${metric} ${numberInWords(score)}`;
  const how = state === "stopped" ? `stopped at interval ${decision?.interval ?? intervals}` : state;
  const why = state === "failed" && error !== null ? ` (${error.message})` : "";
  const again = retryOf === null ? "" : ` (${retryOf} again)`;
  return `Trial ${trial}${again}: ${how}, ${came}${why}`;
}
