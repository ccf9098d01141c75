import type { JsonValue, SweepParameter, SweepTrial } from "@switchyard/protocol";

/** One parameter over all trials: numbers, or the words that stand in their place. */
export interface ParameterColumn {
  readonly name: string;
  /** in the order of the trials given; NaN where a trial has no value */
  readonly places: readonly number[];
  /** absent when the values are numbers */
  readonly names?: readonly string[];
  /** whether they are drawn by their logarithms; absent when the space does not say */
  readonly isLogarithmic?: boolean;
}

/** The parameters of some trials as columns, in the order in which they first appear. */
export function columnsOf(trials: readonly SweepTrial[], space: readonly SweepParameter[]): ParameterColumn[] {
  const names = [...new Set(trials.flatMap(({ values }) => Object.keys(values)))];
  return names.map((name) => {
    const values = trials.map((trial) => trial.values[name]);
    if (values.every((value) => value === undefined || typeof value === "number")) {
      const places = values.map((value) => (typeof value === "number" ? value : Number.NaN));
      const expression = space.find((parameter) => parameter.name === name)?.expression[0];
      if (expression === undefined || expression === "choice") return { name, places };
      return { name, places, isLogarithmic: expression.includes("log") && places.every((place) => !(place <= 0)) };
    }
    const words = [...new Set(values.filter((value) => value !== undefined).map(wordOf))].sort();
    return { name, names: words, places: values.map((value) => (value === undefined ? Number.NaN : words.indexOf(wordOf(value)))) };
  });
}

const wordOf = (value: JsonValue | undefined): string => (typeof value === "string" ? value : JSON.stringify(value));
