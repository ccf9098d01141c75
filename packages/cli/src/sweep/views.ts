import type { Sweep, SweepTrial } from "@switchyard/protocol";
import { paintStatus } from "../commands/run/views.ts";
import type { Paint } from "../output/paint.ts";
import { listing, table } from "../output/table.ts";
import { counted, durationInWords, elapsed, localTime, numberInWords } from "../output/words.ts";

/** Trials that a person is shown without asking for all. */
const SHOWN = 20;

/** Longer words are cut where people read them; JSON has all of them. */
const LONGEST_WORD = 200;

/** What a trial's values are on the command line, on one line: a word with blanks, or of nothing, stands in quotes. */
export function argumentsText(words: readonly string[]): string {
  return words
    .map((word) => (word.length > LONGEST_WORD ? `${word.slice(0, LONGEST_WORD)}…` : word))
    .map((word) => (/^[^\s"\\]+$/.test(word) ? word : JSON.stringify(word)))
    .join(" ");
}

/** The columns of a trial in tables. */
export function trialRow(trial: SweepTrial): Record<string, unknown> {
  return {
    trial: trial.trial,
    state: trial.state === "pending" ? (trial.status ?? "waiting") : trial.state,
    score: trial.score === null ? "" : numberInWords(trial.score),
    intervals: trial.intervals,
    seconds: Math.round(trial.computeSeconds * 10) / 10,
    values: argumentsText(trial.arguments),
    runId: trial.runId,
  };
}

/** Best first, those without a score last. */
export function bestFirst({ trials, configuration }: Pick<Sweep, "trials" | "configuration">): SweepTrial[] {
  const sign = configuration.primaryMetricGoal === "maximize" ? -1 : 1;
  const worst = Number.POSITIVE_INFINITY;
  return trials.toSorted(
    (a, b) => (a.score === null ? worst : sign * a.score) - (b.score === null ? worst : sign * b.score) || a.trial - b.trial,
  );
}

/** How far a sweep is, in one line. */
export function progressText(sweep: Sweep): string {
  const { counts, configuration, best, trials } = sweep;
  const running = trials.filter(({ state, status }) => state === "pending" && status !== null).length;
  const over = trials.length - counts.pending;
  const score = best === null ? "" : `; best ${configuration.primaryMetricName} ${numberInWords(best.score)} (trial ${best.trial})`;
  return `${over} of ${configuration.maxTotalRuns} trials are over, ${running} running${score}`;
}

/** How much of a sweep is shown, and how wide: letters of a terminal, no limit elsewhere. */
interface Extent {
  readonly all?: boolean | undefined;
  readonly width?: number | undefined;
}

/** One sweep as a person reads it: what it is, how it stands, its trials best first. */
export function sweepText(sweep: Sweep, now: Date, paint: Paint, { all = false, width }: Extent = {}): string {
  const { configuration, best, closed } = sweep;
  const ranked = bestFirst(sweep);
  const shown = all ? ranked : ranked.slice(0, SHOWN);
  const more = ranked.length > shown.length ? `\n… and ${counted(ranked.length - shown.length, "more trial")}; --all shows them` : "";
  const facts = listing([
    ["Sweep", paint.bold(sweep.runId)],
    ["Experiment", sweep.experimentName],
    ["Status", paintStatus(sweep.status, paint)],
    ["Error", sweep.error && `${sweep.error.code}: ${sweep.error.message}`],
    ["Warnings", sweep.warnings.join("\n")],
    ["Target", sweep.target],
    ["Metric", `${configuration.primaryMetricGoal} ${configuration.primaryMetricName}`],
    ["Sampling", samplingText(sweep)],
    ["Policy", configuration.policy.type === "NoTerminationPolicy" ? "none" : configuration.policy.type],
    ["Trials", countsText(sweep)],
    ["Closed", closed?.detail],
    ["Submitted", localTime(sweep.createdUtc)],
    ["Duration", elapsed(sweep.createdUtc, sweep.endTimeUtc, now)],
    ["Compute", durationInWords(sweep.computeHours * 3600)],
    ["Best", best && `${numberInWords(best.score)}, trial ${best.trial} (${best.runId})`],
    ["", best && argumentsText(sweep.trials[best.trial]?.arguments ?? [])],
  ]);
  return shown.length === 0 ? facts : `${facts}\n\n${trialsTable(sweep.runId, shown, width)}${more}`;
}

/** Values are cut to so many letters, and never to fewer than those of a narrow terminal. */
const [MOST_LETTERS, LEAST_LETTERS] = [60, 20];
const widthOf = (text: string): number => Math.max(...text.split("\n").map((line) => line.length));

/** Six digits of a number are enough to see it by; `best` and JSON have all. */
const briefNumber = (word: string): string => (/^-?\d+\.\d{6,}(e-?\d+)?$/.test(word) ? numberInWords(Number(word)) : word);

/** Where it is too wide, the ids of runs go, which are the sweep's with a number, and then the ends of long values. */
function trialsTable(sweepId: string, trials: readonly SweepTrial[], width = Number.POSITIVE_INFINITY): string {
  const rows: Record<string, unknown>[] = trials.map((trial) => ({
    ...trialRow(trial),
    values: argumentsText(trial.arguments.map(briefNumber)),
  }));
  const whole = table(rows, { cellWidth: MOST_LETTERS });
  if (widthOf(whole) <= width) return whole;
  const brief = rows.map(({ runId: _, ...row }) => row);
  const excess = widthOf(table(brief, { cellWidth: MOST_LETTERS })) - width;
  const longest = Math.min(MOST_LETTERS, Math.max(...rows.map(({ values }) => String(values).length)));
  const cellWidth = excess > 0 ? Math.max(LEAST_LETTERS, longest - excess) : MOST_LETTERS;
  return `${table(brief, { cellWidth })}\nThe run of trial N is ${sweepId}_N.`;
}

/** How values are chosen. A grid has an order and needs no seed. */
export function samplingText({
  configuration: { sampling },
  generates,
  spaceSize,
  exhausted,
}: Pick<Sweep, "configuration" | "generates" | "spaceSize" | "exhausted">): string {
  if (!generates) return "by an optimiser elsewhere";
  const seed = sampling.type === "grid" ? "" : `, seed ${sampling.seed}`;
  const size = spaceSize === null ? "" : `, ${spaceSize} combinations`;
  return `${sampling.type}${seed}${size}${exhausted ? ", all of them tried" : ""}`;
}

/** Trials that are tried again are more than the sweep may have, which would look like a mistake. */
function countsText({ counts, trials, configuration: { maxTotalRuns } }: Sweep): string {
  const words = Object.entries(counts).flatMap(([state, count]) => (count > 0 ? [`${count} ${state}`] : []));
  const again = trials.filter(({ retryOf }) => typeof retryOf === "number").length;
  const more = again === 0 ? "" : `; ${again} of them ${again === 1 ? "tries another one" : "try others"} again`;
  return `${words.length === 0 ? "none yet" : words.join(", ")} (at most ${maxTotalRuns}${more})`;
}
