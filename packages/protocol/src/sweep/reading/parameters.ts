import type { JsonValue } from "../../json.ts";
import { below, entryOf } from "../../runconfig/reading/collections.ts";
import type { Place } from "../../runconfig/reading/field.ts";
import { describe, type Given, type GivenEntry, type GivenMap, isNothing, plain } from "../../runconfig/reading/given.ts";
import { isArgumentName } from "../arguments.ts";
import type { Condition, Expression, SweepParameter } from "../expressions.ts";
import { expressionEntries, readExpression, readStored } from "./expressionField.ts";

/**
 * Reads a parameter space: a list of {name, expression, values}, as `hdconfig.yml` has it, or a mapping of names to
 * expressions. Null after an error.
 */
export function readParameters(given: Given, place: Place): readonly SweepParameter[] | null {
  if (given.kind === "scalar") {
    const came = isNothing(given) ? "nothing" : describe(given);
    place.problems.error(given.at, place.path, `expected a list of {name, expression, values}, came ${came}`);
    return null;
  }
  const read =
    given.kind === "list"
      ? given.items.map((item, index) => readListed(item, { ...place, path: `${place.path}[${index}]` }))
      : given.entries.map((entry) => readNamed(entry, below(place, entry.key)));
  return read.some((parameter) => parameter === null) ? null : (read as SweepParameter[]);
}

function readListed(given: Given, place: Place): SweepParameter | null {
  if (given.kind !== "map") {
    place.problems.error(given.at, place.path, `expected {name, expression, values}, came ${describe(given)}`);
    return null;
  }
  const name = readName(given, place);
  const when = readCondition(entryOf(given, "when"), below(place, "when"));
  const expression = readExpressionOf(given, name === null ? place : { ...place, path: `${place.path} (${name})` });
  warnUnknown(given, place);
  return name === null || when === undefined || expression === null ? null : { name, expression, when };
}

function readName(given: GivenMap, place: Place): string | null {
  const entry = entryOf(given, "name");
  if (entry?.value.kind === "scalar" && entry.value.value !== null) return checkedName(entry.value.text, entry, below(place, "name"));
  const came = entry === undefined ? "" : `, came ${describe(entry.value)}`;
  place.problems.error(
    entry?.at ?? given.at,
    below(place, "name").path,
    `the parameter needs the name of an argument of the script, like --penalty${came}`,
  );
  return null;
}

function checkedName(name: string, entry: GivenEntry, place: Place): string | null {
  if (isArgumentName(name)) return name;
  place.problems.error(
    entry.value.at,
    place.path,
    `"${name}" cannot be the name of an argument; give it as --name, without blanks and "="`,
  );
  return null;
}

function readExpressionOf(given: GivenMap, place: Place): Expression | null {
  const { expression, values } = expressionEntries(given);
  if (expression === undefined) {
    place.problems.error(given.at, place.path, 'the key "expression" is missing; it says how values are drawn, like uniform');
    return null;
  }
  if (expression.value.kind === "list" && values === undefined) return readStored(expression.value, below(place, "expression"));
  if (values === undefined) {
    place.problems.error(given.at, place.path, 'the key "values" is missing; it has what the expression needs');
    return null;
  }
  return readExpression(expression.value, values.value, place);
}

/** Undefined after an error. */
function readCondition(entry: GivenEntry | undefined, place: Place): Condition | null | undefined {
  if (entry === undefined || isNothing(entry.value)) return null;
  const parameter = entryOf(entry.value, "parameter")?.value;
  const values = entryOf(entry.value, "in")?.value;
  if (parameter?.kind === "scalar" && parameter.text !== "" && values?.kind === "list" && values.items.length > 0) {
    return { parameter: parameter.text, in: values.items.map((value) => numberOrPlain(plain(value))) };
  }
  place.problems.error(entry.at, place.path, "expected {parameter: NAME, in: [VALUE, …]} with at least one value");
  return undefined;
}

/** Values are compared as numbers, whichever kind of number was meant. */
function numberOrPlain(value: JsonValue): JsonValue {
  const { float } = (value ?? {}) as { readonly float?: JsonValue };
  return float === undefined ? value : float;
}

/** In a mapping the name is the key; a value that is no expression is a choice of one. */
function readNamed(entry: GivenEntry, place: Place): SweepParameter | null {
  const name = checkedName(entry.key, entry, place);
  const expression = isFixed(entry.value) ? readStored(asChoice(entry.value), place) : readStored(entry.value, place);
  return name === null || expression === null ? null : { name, expression, when: null };
}

function isFixed(given: Given): boolean {
  return given.kind === "scalar" || (given.kind === "map" && given.entries.length === 1 && given.entries[0]!.key === "float");
}

function asChoice(given: Given): Given {
  const name: Given = { kind: "scalar", value: "choice", text: "choice", at: given.at };
  return { kind: "list", items: [name, { kind: "list", items: [given], at: given.at }], at: given.at };
}

const KNOWN = new Set(["name", "expression", "values", "when"]);

function warnUnknown(given: GivenMap, place: Place): void {
  for (const { key, at } of given.entries) {
    if (KNOWN.has(key.toLowerCase())) continue;
    place.problems.warning(at, below(place, key).path, `unknown key "${key}", not used; a parameter has name, expression, values and when`);
  }
}
