import type { JsonValue } from "../../json.ts";
import { below } from "../../runconfig/reading/collections.ts";
import type { Place } from "../../runconfig/reading/field.ts";
import { describe, type Given, type GivenEntry, type GivenMap, type GivenScalar, isNothing } from "../../runconfig/reading/given.ts";
import { nearestOf } from "../../runconfig/reading/nearest.ts";
import { plainValue } from "../arguments.ts";
import { EXPRESSION_NAMES, type Expression, type ExpressionName } from "../expressions.ts";
import { checkNumbers } from "../rules/numbers.ts";
import { readParameters } from "./parameters.ts";

/** Reads an expression given as a name and its values. Null after an error. */
export function readExpression(name: Given, values: Given | undefined, place: Place): Expression | null {
  const known = readName(name, below(place, "expression"));
  if (known === null) return null;
  const at = { ...place, path: values === undefined ? place.path : below(place, "values").path };
  return known === "choice" ? readChoice(values ?? name, at) : readNumbers(known, values ?? name, at);
}

/** Reads `[name, [arguments…]]`, or a mapping with `expression` and `values`. Null after an error. */
export function readStored(given: Given, place: Place): Expression | null {
  if (given.kind === "list" && given.items.length === 2) return readExpression(given.items[0]!, given.items[1]!, place);
  if (given.kind === "map") {
    const { expression, values } = expressionEntries(given);
    if (expression !== undefined) return readExpression(expression.value, values?.value, place);
  }
  place.problems.error(given.at, place.path, `expected an expression like [uniform, [0.1, 0.9]], came ${describe(given)}`);
  return null;
}

/** Whether this is meant as an expression and not as a plain value. */
export function looksLikeExpression(given: Given): boolean {
  if (given.kind === "map") return given.entries.length <= 2 && expressionEntries(given).expression !== undefined;
  if (given.kind !== "list" || given.items.length !== 2) return false;
  const [name, values] = given.items;
  return name?.kind === "scalar" && values?.kind === "list" && exactName(name) !== undefined;
}

export function expressionEntries(given: GivenMap): { expression?: GivenEntry | undefined; values?: GivenEntry | undefined } {
  const find = (key: string) => given.entries.find((entry) => entry.key.toLowerCase() === key);
  return { expression: find("expression"), values: find("values") };
}

function exactName(given: GivenScalar): ExpressionName | undefined {
  return EXPRESSION_NAMES.find((known) => known === given.text.toLowerCase());
}

function readName(given: Given, place: Place): ExpressionName | null {
  const known = given.kind === "scalar" ? exactName(given) : undefined;
  if (known !== undefined) return known;
  const nearest = given.kind === "scalar" && given.text !== "" ? nearestOf(given.text, EXPRESSION_NAMES) : null;
  const hint = nearest === null ? "" : `; did you mean "${nearest}"?`;
  place.problems.error(given.at, place.path, `expected one of ${EXPRESSION_NAMES.join(", ")}, came ${describe(given)}${hint}`, nearest);
  return null;
}

function readNumbers(name: ExpressionName, given: Given, place: Place): Expression | null {
  // `randint: 10`: a single value needs no list
  const items = given.kind === "list" ? given.items : given.kind === "scalar" && !isNothing(given) ? [given] : [];
  const scalars: GivenScalar[] = [];
  for (const [index, item] of items.entries()) {
    const scalar = markedFloat(item) ?? item;
    if (scalar.kind === "scalar" && typeof scalar.value === "number") scalars.push(scalar);
    else place.problems.error(item.at, `${place.path}[${index}]`, `expected a number, came ${describe(item)}`);
  }
  if (scalars.length < items.length || !checkNumbers(name, scalars, given.at, place)) return null;
  return [name, [...scalars.map(storedNumber)]];
}

/** `{"float": 1}`, as stored, read as `1.0` in a text is. */
function markedFloat(given: Given): GivenScalar | null {
  const only = given.kind === "map" && given.entries.length === 1 ? given.entries[0]! : undefined;
  if (only?.key !== "float" || only.value.kind !== "scalar" || typeof only.value.value !== "number") return null;
  return { ...only.value, text: Number.isInteger(only.value.value) ? `${only.value.text}.0` : only.value.text };
}

/** The options of a choice; one list of options counts as the options themselves, as `choice([1, 2])` does. */
function readChoice(given: Given, place: Place): Expression | null {
  const listed = given.kind === "list" ? given.items : [given];
  const only = listed.length === 1 ? listed[0]! : undefined;
  const items = only?.kind === "list" && !looksLikeExpression(only) ? only.items : listed;
  if (given.kind !== "list" || items.length === 0) {
    const came = given.kind === "list" ? "" : `, came ${describe(given)}`;
    place.problems.error(given.at, place.path, `choice needs a list of at least one option${came}`);
    return null;
  }
  const options = items.map((item, index) => readOption(item, { ...place, path: `${place.path}[${index}]` }));
  if (options.some((option) => option === undefined)) return null;
  return ["choice", [withoutRepeated(options as JsonValue[], items, place)]];
}

function readOption(given: Given, place: Place): JsonValue | undefined {
  if (given.kind === "scalar") return storedScalar(given, place);
  if (looksLikeExpression(given)) return nested(readStored(unwrapped(given), place));
  if (given.kind === "list") return storedList(given.items, place);
  const marked = given.entries.length === 1 ? given.entries[0]! : undefined;
  if (marked?.key === "float" && marked.value.kind === "scalar") return storedFloat(marked.value, place);
  if (marked?.key === "space") return nestedSpace(readParameters(marked.value, place));
  if (given.entries.some(({ value }) => looksLikeExpression(value))) return nestedSpace(readParameters(given, place));
  return Object.fromEntries(given.entries.map(({ key, value }) => [key, readOption(value, below(place, key)) ?? null]));
}

/** `{expression: [name, [arguments]]}`, as it is stored, is the expression itself. */
function unwrapped(given: Given): Given {
  if (given.kind !== "map") return given;
  const { expression, values } = expressionEntries(given);
  return values === undefined && expression?.value.kind === "list" ? expression.value : given;
}

function storedList(items: readonly Given[], place: Place): JsonValue | undefined {
  const read = items.map((item, index) => readOption(item, { ...place, path: `${place.path}[${index}]` }));
  return read.some((item) => item === undefined) ? undefined : (read as JsonValue[]);
}

function nested(expression: Expression | null): JsonValue | undefined {
  return expression === null ? undefined : { expression: expression as unknown as JsonValue };
}

function nestedSpace(parameters: ReturnType<typeof readParameters>): JsonValue | undefined {
  return parameters === null ? undefined : { space: parameters as unknown as JsonValue };
}

function storedScalar(given: GivenScalar, place: Place): JsonValue | undefined {
  if (typeof given.value !== "number") return given.value;
  const stored = Number.isFinite(given.value) ? storedNumber(given) : undefined;
  if (stored !== undefined && (typeof stored === "object" || !isTooLong(given.value))) return stored;
  const why =
    stored === undefined
      ? "is not a number that a script could use; put it in quotes if it is meant as a text"
      : `is beyond ${Number.MAX_SAFE_INTEGER}, where JSON loses digits; put it in quotes, and the script gets them all`;
  place.problems.error(given.at, place.path, `${given.text} ${why}`);
  return undefined;
}

/** A whole number that is no longer what was written. */
const isTooLong = (value: number): boolean => Number.isInteger(value) && !Number.isSafeInteger(value);

function storedFloat(given: GivenScalar, place: Place): JsonValue | undefined {
  if (typeof given.value === "number" && Number.isFinite(given.value)) return { float: given.value };
  place.problems.error(given.at, place.path, `expected a number, came ${describe(given)}`);
  return undefined;
}

/** `1` stays 1; `1.0` and `1e3` are floats, also where their value is whole. */
export function storedNumber(given: GivenScalar): JsonValue {
  const value = given.value as number;
  return Number.isInteger(value) && /[.e]/i.test(given.text) ? { float: value } : value;
}

function withoutRepeated(options: readonly JsonValue[], items: readonly Given[], place: Place): JsonValue[] {
  const seen = new Map<string, number>();
  return options.filter((option, index) => {
    // 1 and 1.0 are one value of a trial
    const text = JSON.stringify(plainValue(option));
    const first = seen.get(text);
    if (first === undefined) seen.set(text, index);
    else place.problems.warning(items[index]!.at, `${place.path}[${index}]`, `${text} is an option already; it counts once`);
    return first === undefined;
  });
}
