import type { Place } from "../../runconfig/reading/field.ts";
import type { GivenScalar } from "../../runconfig/reading/given.ts";
import type { Position } from "../../runconfig/reading/problem.ts";
import { EXPRESSIONS, type ExpressionName } from "../expressions.ts";

/** e to the power of more than this is no finite number, and of less than the other is zero. */
const LARGEST_LOG = 709.78;
const SMALLEST_LOG = -744.4;
/** So many standard deviations from the mean no draw ever lies. */
const FARTHEST_SIGMAS = 9;

/** Reports what is wrong with the arguments of an expression; true when nothing is. */
export function checkNumbers(name: ExpressionName, given: readonly GivenScalar[], at: Position | null, place: Place): boolean {
  const wanted = EXPRESSIONS[name].arguments;
  if (given.length !== wanted.length) {
    const many = `${wanted.length} value${wanted.length === 1 ? "" : "s"}`;
    place.problems.error(at, place.path, `${name} needs ${many} [${wanted.join(", ")}], came ${given.length}`);
    return false;
  }
  const infinite = given.find((scalar) => !Number.isFinite(scalar.value));
  if (infinite !== undefined) {
    place.problems.error(infinite.at, place.path, `${infinite.text} is not a finite number${hintOf(name, infinite)}`);
    return false;
  }
  const values = given.map((scalar) => scalar.value as number);
  const said = complaint(name, values);
  if (said !== null) place.problems.error(at, place.path, said);
  const doubt = said === null ? doubtOf(name, values) : null;
  if (doubt !== null) place.problems.warning(at, place.path, doubt);
  return said === null;
}

function hintOf(name: ExpressionName, given: GivenScalar): string {
  const isLogOfZero = name.endsWith("loguniform") && given.value === -Infinity;
  return isLogOfZero ? ": the logarithm of 0; give the logarithm of the smallest value, which must be above 0" : "";
}

function complaint(name: ExpressionName, values: readonly number[]): string | null {
  if (name === "randint") return randintComplaint(values[0]!);
  const [first, second, q] = values as [number, number, number | undefined];
  if (q !== undefined && !(q > 0)) return `q is ${q}; it must be above 0`;
  return name.endsWith("uniform") ? rangeComplaint(name, first, second) : normalComplaint(name, first, second);
}

function randintComplaint(upper: number): string | null {
  if (Number.isSafeInteger(upper) && upper >= 1) return null;
  return `randint draws whole numbers from 0 to upper - 1; upper must be a whole number of at least 1, came ${upper}`;
}

function rangeComplaint(name: ExpressionName, min: number, max: number): string | null {
  if (min > max) return `min ${min} is above max ${max}; exchange the two`;
  if (!Number.isFinite(max - min)) return `the range from ${min} to ${max} is too wide to draw from`;
  if (!name.includes("log")) return null;
  if (max > LARGEST_LOG) return `the arguments of ${name} are logarithms, and e^${max} is too large for a number${meantAs(min, max)}`;
  if (min < SMALLEST_LOG) return `the arguments of ${name} are logarithms, and e^${min} is 0; the smallest value must be above 0`;
  return null;
}

function normalComplaint(name: ExpressionName, mu: number, sigma: number): string | null {
  if (!(sigma > 0)) return `sigma is ${sigma}; it is a standard deviation and must be above 0`;
  if (name.includes("log") && mu + FARTHEST_SIGMAS * sigma > LARGEST_LOG) {
    return `mu and sigma of ${name} are of the logarithm, and e^(${mu} + some times ${sigma}) is too large for a number`;
  }
  return Number.isFinite(mu + FARTHEST_SIGMAS * sigma) ? null : `mu ${mu} and sigma ${sigma} are too large to draw from`;
}

function doubtOf(name: ExpressionName, [min, max]: readonly number[]): string | null {
  // `loguniform(0.0001, 0.1)` draws from 1.0001 to 1.105: hardly what is meant
  if (!name.endsWith("loguniform") || min === undefined || max === undefined || min < 0 || max > 1 || min === max) return null;
  return `the arguments of ${name} are logarithms: values will be from ${short(Math.exp(min))} to ${short(Math.exp(max))}${meantAs(min, max)}`;
}

function meantAs(min: number, max: number): string {
  return min > 0 ? `; for values from ${min} to ${max} give [${short(Math.log(min))}, ${short(Math.log(max))}]` : "";
}

function short(value: number): string {
  return String(Number(value.toPrecision(6)));
}
