import type { NotedAbout, SweepEntryOf } from "@switchyard/protocol";
import type { SweepFacts } from "./decide.ts";
import type { TrialLook } from "./look.ts";
import type { SweepState } from "./state.ts";

const MOST_NAMES = 10;
/** Fewer trials of one score say nothing. */
const SAME_SCORES = 3;

/** What people should know of the trials that are seen, each thing once. */
export function newNotes(
  state: SweepState,
  looks: readonly TrialLook[],
  { otherMetrics }: Pick<SweepFacts, "otherMetrics">,
): SweepEntryOf<"noted">[] {
  const notes: SweepEntryOf<"noted">[] = [];
  const note = (about: NotedAbout, text: () => string) => {
    if (!state.notes.has(about) && notes.every((each) => each.about !== about)) notes.push({ kind: "noted", about, text: text() });
  };
  const metric = `"${state.configuration.primaryMetricName}"`;
  for (const look of looks) {
    const { trial, series } = look;
    if (lacksMetric(look))
      note("metric missing", () => `Trial ${trial} ended without the primary metric ${metric}. ${namesLogged(otherMetrics)}`);
    const other = series.find(({ kind }) => kind !== "number");
    if (other !== undefined) {
      note(
        "metric no number",
        () =>
          `Trial ${trial} logged the primary metric ${metric} as ${wordOf(other.kind)}, which cannot be compared. Log a number: run.log(${metric}, float(value)).`,
      );
    }
    if (other === undefined && look.run?.state === "ended" && series.length > 0 && series.every(({ max }) => max === null)) {
      note(
        "metric not finite",
        () => `Trial ${trial} logged nothing but NaN or infinity for the primary metric ${metric}: it has no score.`,
      );
    }
  }
  return notes;
}

/** A trial that completed, and never logged what it is measured by. */
export const lacksMetric = ({ run, series }: TrialLook): boolean => run?.outcome === "succeeded" && series.length === 0;

export function namesLogged(names: readonly string[]): string {
  if (names.length === 0)
    return "It logged no metric at all. What run.parent.log says is the sweep's own, and what child runs log is theirs: no trial's score.";
  const shown = names.slice(0, MOST_NAMES).map((name) => `"${name}"`);
  return `It logged ${shown.join(", ")}${names.length > MOST_NAMES ? " and more" : ""}; names are compared letter by letter.`;
}

/** Trials of different values that all came to one score: most likely the script does not read its arguments. */
export function sameScores(state: SweepState): SweepEntryOf<"noted"> | null {
  const scored = state.trials.filter(({ score }) => score !== null);
  const [first] = scored;
  if (scored.length < SAME_SCORES || first === undefined || state.notes.has("same scores")) return null;
  if (scored.some(({ score }) => score !== first.score)) return null;
  const varying = Object.keys(first.values).filter((name) =>
    scored.some(({ values }) => JSON.stringify(values[name]) !== JSON.stringify(first.values[name])),
  );
  if (varying.length === 0) return null;
  const { primaryMetricName } = state.configuration;
  const text = `All ${scored.length} trials came to the same "${primaryMetricName}", ${first.score}, whatever their values. Does the script read ${varying.join(", ")}?`;
  return { kind: "noted", about: "same scores", text };
}

/** Every trial failed, though some logged a score before: the sweep has a best one, of which nothing else may be left. */
export function allFailed({ trials, notes }: SweepState): SweepEntryOf<"noted"> | null {
  const [first] = trials;
  if (first === undefined || notes.has("all failed") || trials.some(({ state }) => state !== "failed")) return null;
  if (trials.every(({ score }) => score === null)) return null; // the sweep's end says it
  const all = trials.length === 1 ? "The only trial" : `All ${trials.length} trials`;
  const text = `${all} failed; what was logged before counts. Trial ${first.number}: ${first.error?.message ?? "no reason is known"}`;
  return { kind: "noted", about: "all failed", text: text.slice(0, 3000) };
}

const wordOf = (kind: string): string => (kind === "text" ? "text" : `a ${kind}`);
