import { z } from "zod";
import { type JsonValue, jsonValue } from "../json.ts";

/** What one of the ten expressions (spec 06 §1) is given, and what it gives. */
export interface ExpressionKind {
  /** names of its arguments, in order; of `choice`: any number of options */
  readonly arguments: readonly string[];
  /** whether it has finitely many values, so that a grid could list them */
  readonly finite: boolean;
  /** whether the sampler of the v1 names takes it for Bayesian sampling */
  readonly bayesianInV1: boolean;
}

/** The ten ways to say what values a parameter may take. The arguments of `loguniform` and `qloguniform` are logarithms. */
export const EXPRESSIONS = {
  choice: { arguments: ["options"], finite: true, bayesianInV1: true },
  randint: { arguments: ["upper"], finite: true, bayesianInV1: false },
  uniform: { arguments: ["min", "max"], finite: false, bayesianInV1: true },
  quniform: { arguments: ["min", "max", "q"], finite: true, bayesianInV1: true },
  loguniform: { arguments: ["min", "max"], finite: false, bayesianInV1: false },
  qloguniform: { arguments: ["min", "max", "q"], finite: true, bayesianInV1: false },
  normal: { arguments: ["mu", "sigma"], finite: false, bayesianInV1: false },
  qnormal: { arguments: ["mu", "sigma", "q"], finite: false, bayesianInV1: false },
  lognormal: { arguments: ["mu", "sigma"], finite: false, bayesianInV1: false },
  qlognormal: { arguments: ["mu", "sigma", "q"], finite: false, bayesianInV1: false },
} as const satisfies Record<string, ExpressionKind>;
export type ExpressionName = keyof typeof EXPRESSIONS;
export const EXPRESSION_NAMES = Object.keys(EXPRESSIONS) as readonly ExpressionName[];

/**
 * The stored form `[name, [arguments…]]`. The one argument of `choice` is the list of its options.
 *
 * JSON has one kind of number and Python two: where a whole number was meant as a float, it is kept as `{"float": 1}`,
 * so that a script still gets `1.0`. An option of `choice` may also be `{"expression": [name, [arguments…]]}`, whose draw
 * becomes the value, or `{"space": [parameter…]}`, whose parameters are there when this option is drawn.
 */
export type Expression = readonly [ExpressionName, readonly JsonValue[]];
export const expression: z.ZodType<Expression> = z
  .tuple([z.enum(EXPRESSION_NAMES as [ExpressionName, ...ExpressionName[]]), z.array(jsonValue)])
  .readonly();

/** Only when `parameter` has one of the values `in`; a parameter that is itself absent has none. */
export interface Condition {
  readonly parameter: string;
  readonly in: readonly JsonValue[];
}
export const condition: z.ZodType<Condition> = z.object({ parameter: z.string(), in: z.array(jsonValue) });

/** One name of the parameter space. */
export interface SweepParameter {
  /** as the script's argument is called; without leading dashes it is given two */
  readonly name: string;
  readonly expression: Expression;
  readonly when: Condition | null;
}
export const sweepParameter: z.ZodType<SweepParameter> = z.object({ name: z.string(), expression, when: condition.nullable() });

/** What an option of `choice` is. */
export type Option =
  | { readonly kind: "value"; readonly value: JsonValue; readonly isFloat: boolean }
  | { readonly kind: "expression"; readonly expression: Expression }
  | { readonly kind: "space"; readonly parameters: readonly SweepParameter[] };

/** The options of a stored `choice`. */
export function optionsOf([, [options]]: Expression): readonly Option[] {
  return (options as readonly JsonValue[]).map(optionOf);
}

function optionOf(stored: JsonValue): Option {
  const only = onlyEntry(stored);
  if (only?.[0] === "float") return { kind: "value", value: only[1], isFloat: true };
  if (only?.[0] === "expression") return { kind: "expression", expression: only[1] as unknown as Expression };
  if (only?.[0] === "space") return { kind: "space", parameters: only[1] as unknown as readonly SweepParameter[] };
  return { kind: "value", value: stored, isFloat: typeof stored === "number" && !Number.isInteger(stored) };
}

/** A stored argument as a number, and whether Python would have it as a float. */
export function numberOf(stored: JsonValue): { readonly value: number; readonly isFloat: boolean } {
  const only = onlyEntry(stored);
  if (only?.[0] === "float") return { value: only[1] as number, isFloat: true };
  return { value: stored as number, isFloat: !Number.isInteger(stored) };
}

function onlyEntry(stored: JsonValue): readonly [string, JsonValue] | undefined {
  if (typeof stored !== "object" || stored === null || Array.isArray(stored)) return undefined;
  const entries = Object.entries(stored);
  return entries.length === 1 ? entries[0] : undefined;
}
