import type { JsonValue } from "../json.ts";
import type { TrialValues } from "./configuration.ts";
import { type Expression, numberOf, optionsOf, type SweepParameter } from "./expressions.ts";
import { pythonNumber, pythonText } from "./python.ts";

/** Tells a trial where the outputs of the one are that it goes on from (spec 06 §8). */
export const RESUME_ARGUMENT = "--resume-from";

/** How a parameter is called on the script's command line: a name without leading dashes is given two. */
export function argumentName(name: string): string {
  return name.startsWith("-") ? name : `--${name}`;
}

/** Whether a script can have an argument of this name. */
export const isArgumentName = (name: string): boolean => /^-*[^\s=-][^\s=]*$/.test(name);

/** What a trial's values add behind the fixed arguments: name and value in turn, as Python would print the value. */
export function trialArguments(space: readonly SweepParameter[], trial: TrialValues): string[] {
  const given = activeParameters(space, trial);
  return given.flatMap(({ name, expression, value }) => [argumentName(name), valueText(expression, value)]);
}

interface ActiveParameter {
  readonly name: string;
  readonly expression: Expression | null;
  readonly value: JsonValue;
}

/** In the order of the space; values that the space does not know come last, as somebody else's optimiser may give them. */
function activeParameters(space: readonly SweepParameter[], { values, branches }: TrialValues): ActiveParameter[] {
  const found: ActiveParameter[] = [];
  const visit = ({ name, expression }: SweepParameter, path: string): void => {
    if (Object.hasOwn(values, name) && !found.some((other) => other.name === name)) found.push({ name, expression, value: values[name]! });
    if (expression[0] !== "choice") return;
    optionsOf(expression).forEach((option, index) => {
      if (option.kind !== "space" || (branches[path] ?? index) !== index) return;
      for (const inner of option.parameters) visit(inner, branchPath(path, index, inner.name));
    });
  };
  for (const parameter of space) visit(parameter, parameter.name);
  const others = Object.keys(values).filter((name) => !found.some((known) => known.name === name));
  return [...found, ...others.map((name) => ({ name, expression: null, value: values[name]! }))];
}

/** How a parameter inside an option of a nested choice is known in `branches`. */
export function branchPath(choice: string, option: number, name: string): string {
  return `${choice}/${option}/${name}`;
}

/** The text of one value as the script gets it: `1.0` where a float was meant, `1` where a whole number was. */
export function valueText(expression: Expression | null, value: JsonValue): string {
  if (typeof value === "number") {
    // no whole number in JSON is as large as that
    const isFloat = !Number.isSafeInteger(value) || (expression !== null && isFloatIn(expression, value));
    return pythonNumber(value, isFloat);
  }
  const options = expression?.[0] === "choice" ? optionsOf(expression) : [];
  const stored = options.find((option) => option.kind === "value" && isSameValue(plainValue(option.value), value));
  return pythonText(stored?.kind === "value" ? stored.value : value);
}

/** Python's `round(x / q) * q` is whole for a whole q; all else that is not counted is a float. */
function isFloatIn(expression: Expression, value: number): boolean {
  const [name, args] = expression;
  if (name === "randint") return false;
  if (name !== "choice") return name.startsWith("q") ? numberOf(args[2]!).isFloat : true;
  for (const option of optionsOf(expression)) {
    if (option.kind === "value" && option.value === value) return option.isFloat;
    if (option.kind === "expression" && isFloatIn(option.expression, value)) return true;
  }
  return false;
}

/** The value without the marks of floats, as people and programs see it. */
export function plainValue(stored: JsonValue): JsonValue {
  if (typeof stored !== "object" || stored === null) return stored;
  if (Array.isArray(stored)) return stored.map(plainValue);
  const entries = Object.entries(stored);
  if (entries.length === 1 && entries[0]![0] === "float") return entries[0]![1];
  return Object.fromEntries(entries.map(([key, inner]) => [key, plainValue(inner)]));
}

/** Whether two JSON values are the same, whatever the order of keys. */
export function isSameValue(a: JsonValue, b: JsonValue): boolean {
  return a === b || (typeof a === "object" && typeof b === "object" && canonical(a) === canonical(b));
}

function canonical(value: JsonValue): string {
  return JSON.stringify(value, (_, inner: JsonValue) => {
    if (typeof inner !== "object" || inner === null || Array.isArray(inner)) return inner;
    return Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
  });
}
