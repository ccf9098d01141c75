import { type Expression, type JsonValue, numberOf, optionsOf, plainValue } from "@switchyard/protocol";
import { exp, log, roundHalfEven } from "../math/elementary.ts";
import { normalBelow, normalQuantile } from "../math/normal.ts";

/** One of some options, none nearer to another. A coordinate is the option's index. */
export interface Categorical {
  readonly kind: "categorical";
  /** it came from `choice`: draws of it alone need not repeat, unlike those of `randint` (spec 06, sections 1 and 2) */
  readonly isChoice: boolean;
  /** what each option puts into the values; `inner`: a draw of the parameter below it, `space`: nothing itself */
  readonly options: readonly OptionValue[];
}
export type OptionValue = { readonly kind: "value"; readonly value: JsonValue } | { readonly kind: "inner" } | { readonly kind: "space" };

/**
 * A number. A coordinate is the number itself, or its logarithm where `isLog`, before it is rounded to multiples of `q`.
 * `low` and `high` are the range of coordinates; of a normal distribution they are infinite.
 */
export interface Numeric {
  readonly kind: "numeric";
  readonly isLog: boolean;
  readonly low: number;
  readonly high: number;
  readonly normal: { readonly mu: number; readonly sigma: number } | null;
  readonly q: number | null;
}
export type Dimension = Categorical | Numeric;

/** More whole numbers than this are modelled by their order, since nothing can be learnt of each alone. */
const MOST_UNRELATED = 64;

/** What an expression draws from. */
export function dimensionOf(expression: Expression): Dimension {
  const [name, args] = expression;
  if (name === "choice") return { kind: "categorical", isChoice: true, options: optionsOf(expression).map(optionValueOf) };
  const [first, second, q] = args.map((argument) => numberOf(argument).value) as [number, number, number | undefined];
  if (name === "randint") return integersBelow(first);
  const isLog = name.includes("log");
  const common = { kind: "numeric", isLog, q: q ?? null } as const;
  if (name.endsWith("uniform")) return { ...common, low: first, high: second, normal: null };
  return { ...common, low: -Infinity, high: Infinity, normal: { mu: first, sigma: second } };
}

function optionValueOf(option: ReturnType<typeof optionsOf>[number]): OptionValue {
  if (option.kind === "value") return { kind: "value", value: plainValue(option.value) };
  return { kind: option.kind === "expression" ? "inner" : "space" };
}

function integersBelow(upper: number): Dimension {
  if (upper > MOST_UNRELATED) return { kind: "numeric", isLog: false, low: -0.5, high: upper - 0.5, normal: null, q: 1 };
  return { kind: "categorical", isChoice: false, options: Array.from({ length: upper }, (_, value) => ({ kind: "value", value })) };
}

/** The coordinate below which the share u of all draws lies. */
export function coordinateAt(dimension: Dimension, u: number): number {
  if (dimension.kind === "categorical") return Math.min(dimension.options.length - 1, Math.floor(u * dimension.options.length));
  const { low, high, normal } = dimension;
  if (normal === null) return low + u * (high - low);
  return normal.mu + normal.sigma * normalQuantile(Math.min(Math.max(u, 1e-300), 1 - 2 ** -53));
}

/** The share of all draws that lies below a coordinate; the opposite of `coordinateAt`. */
export function shareBelow({ low, high, normal }: Numeric, coordinate: number): number {
  if (normal !== null) return normalBelow((coordinate - normal.mu) / normal.sigma);
  return high === low ? 0.5 : Math.min(1, Math.max(0, (coordinate - low) / (high - low)));
}

/** The number that a script gets for a coordinate. */
export function numberAt({ isLog, q }: Numeric, coordinate: number): number {
  const value = isLog ? exp(coordinate) : coordinate;
  if (q === null) return value;
  const rounded = roundHalfEven(value / q) * q;
  return rounded === 0 ? 0 : rounded; // no negative zero
}

/** A value's coordinate, or NaN when the dimension never gives it. */
export function coordinateOf(dimension: Dimension, value: JsonValue): number {
  if (dimension.kind === "categorical" || typeof value !== "number") return Number.NaN;
  if (!dimension.isLog) return withinRange(dimension, value, value);
  // zero is drawn where q rounds down to it
  const least = dimension.q === null ? value : Math.max(value, dimension.q / 4);
  return least > 0 ? withinRange(dimension, log(least), value) : Number.NaN;
}

/** Rounding may lead a little out of the range. */
function withinRange(dimension: Numeric, coordinate: number, value: number): number {
  if (dimension.normal !== null || (coordinate >= dimension.low && coordinate <= dimension.high)) return coordinate;
  const edge = coordinate < dimension.low ? dimension.low : dimension.high;
  const slack = dimension.q === null ? 1e-9 * Math.max(1, Math.abs(value)) : dimension.q * (1 + 1e-9);
  const edgeValue = dimension.isLog ? exp(edge) : edge;
  return Math.abs(value - edgeValue) <= slack ? edge : Number.NaN;
}

/** How many values there are; Infinity when they cannot be counted. */
export function countOf(dimension: Dimension): number {
  if (dimension.kind === "categorical") return dimension.options.length;
  const [least, most] = multiplesOf(dimension);
  return most - least + 1;
}

/** The k of the smallest and largest value k·q; infinite without q or without bounds. */
export function multiplesOf({ isLog, low, high, q, normal }: Numeric): readonly [number, number] {
  if (q === null || normal !== null) return [-Infinity, Infinity];
  const edge = (coordinate: number) => roundHalfEven((isLog ? exp(coordinate) : coordinate) / q);
  return [edge(low), edge(high)];
}
