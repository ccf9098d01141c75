import type { JsonValue, SweepTrial } from "@switchyard/protocol";

/** One parameter over all trials: numbers, or the words that stand in their place. */
export interface ParameterColumn {
  readonly name: string;
  /** in the order of the trials given; NaN where a trial has no value */
  readonly places: readonly number[];
  /** absent when the values are numbers */
  readonly names?: readonly string[];
}

/** The parameters of some trials as columns, in the order in which they first appear. */
export function columnsOf(trials: readonly SweepTrial[]): ParameterColumn[] {
  const names = [...new Set(trials.flatMap(({ values }) => Object.keys(values)))];
  return names.map((name) => {
    const values = trials.map((trial) => trial.values[name]);
    if (values.every((value) => value === undefined || typeof value === "number")) {
      return { name, places: values.map((value) => (typeof value === "number" ? value : Number.NaN)) };
    }
    const words = [...new Set(values.filter((value) => value !== undefined).map(wordOf))].sort();
    return { name, names: words, places: values.map((value) => (value === undefined ? Number.NaN : words.indexOf(wordOf(value)))) };
  });
}

const wordOf = (value: JsonValue | undefined): string => (typeof value === "string" ? value : JSON.stringify(value));
