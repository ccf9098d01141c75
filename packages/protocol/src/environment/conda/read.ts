import type { JsonValue } from "../../json.ts";
import { type Field, mismatch, type Place } from "../../runconfig/reading/field.ts";
import { describe, type Given, type GivenEntry, type GivenMap, objectOf, plain } from "../../runconfig/reading/given.ts";
import { nearestOf } from "../../runconfig/reading/nearest.ts";
import { duplicateMessage } from "../../runconfig/reading/readText.ts";
import type { CondaDependencies, CondaDependency } from "./dependencies.ts";
import { holdsPassword, readPipLine } from "./pipLine.ts";
import { parseCondaSpec } from "./spec.ts";

const KEYS = ["name", "channels", "dependencies", "prefix", "variables", "platforms", "category"];
const EMPTY: CondaDependencies = { dependencies: [] };
const field: Field<CondaDependencies> = { absent: () => EMPTY, read: readCondaDependencies, write: (value) => value };

/** Reads the content of a conda file, wherever it stands; every malformed part is named with its place. */
export function readCondaDependencies(given: Given, place: Place): CondaDependencies {
  if (given.kind !== "map") return mismatch(field, 'conda dependencies, beginning with "dependencies:"', given, place);
  const others = given.entries.filter((entry) => !["name", "channels", "dependencies"].includes(entry.key));
  for (const entry of others) warnUnknown(entry, place);
  warnOfCase(given, place);
  const name = nameOf(find(given, "name"), place);
  const channels = channelsOf(find(given, "channels"), place);
  return {
    ...(name === null ? {} : { name }),
    ...(channels === null ? {} : { channels }),
    dependencies: dependenciesOf(find(given, "dependencies"), given, place),
    ...(objectOf(others.map((entry) => [entry.key, plain(entry.value)])) as Record<string, JsonValue>),
  };
}

function find(given: GivenMap, key: string): GivenEntry | undefined {
  return given.entries.find((entry) => entry.key === key);
}

function warnOfCase(given: GivenMap, place: Place): void {
  const names = ["name", "channels", "dependencies"];
  for (const entry of given.entries) {
    const meant = names.find((name) => name !== entry.key && name === entry.key.toLowerCase());
    const first = meant === undefined ? undefined : find(given, meant);
    if (first !== undefined) place.problems.error(entry.at, under(place, entry.key), duplicateMessage(entry.key, first));
  }
}

function warnUnknown(entry: GivenEntry, place: Place): void {
  if (KEYS.includes(entry.key)) return;
  const nearest = nearestOf(entry.key, KEYS);
  const hint = nearest === null ? "" : `; did you mean "${nearest}"?`;
  place.problems.warning(entry.at, under(place, entry.key), `unknown key "${entry.key}", kept but not used${hint}`, nearest);
}

function nameOf(entry: GivenEntry | undefined, place: Place): string | null {
  if (entry === undefined) return null;
  if (entry.value.kind === "scalar") return entry.value.value === null ? null : entry.value.text;
  complain(entry.value, under(place, "name"), place, "a text");
  return null;
}

function channelsOf(entry: GivenEntry | undefined, place: Place): string[] | null {
  if (entry === undefined || (entry.value.kind === "scalar" && entry.value.value === null)) return null;
  const path = under(place, "channels");
  if (entry.value.kind !== "list") {
    complain(entry.value, path, place, "a list of channels");
    return null;
  }
  return entry.value.items.flatMap((item, index) => {
    if (item.kind === "scalar" && item.text !== "") return [item.text];
    complain(item, `${path}[${index}]`, place, "the name or address of a channel");
    return [];
  });
}

function dependenciesOf(entry: GivenEntry | undefined, given: Given, place: Place): CondaDependency[] {
  const path = under(place, "dependencies");
  if (entry?.value.kind !== "list") {
    const wanted = 'a list of packages, like "- python=3.11"';
    if (entry === undefined) place.problems.error(given.at, path, `the key "dependencies" is missing; it holds ${wanted}`);
    else complain(entry.value, path, place, wanted);
    return [];
  }
  return entry.value.items.flatMap((item, index) => dependency(item, { ...place, path: `${path}[${index}]` }));
}

function dependency(item: Given, place: Place): CondaDependency[] {
  if (item.kind === "map") return pipList(item, place);
  if (item.kind !== "scalar" || typeof item.value !== "string") {
    complain(item, place.path, place, 'a package, like "numpy=1.19"');
    return [];
  }
  if (parseCondaSpec(item.value) === null) {
    place.problems.error(item.at, place.path, `"${item.value}" is no conda package; write it like numpy, numpy=1.19 or "numpy>=1.19,<2"`);
  }
  return [item.value.trim()];
}

function pipList(item: GivenMap, place: Place): CondaDependency[] {
  const pip = find(item, "pip");
  for (const entry of item.entries) {
    if (entry.key === "pip") continue;
    const message = `only pip may have a list of its own; for a package write "- ${entry.key}=VERSION"`;
    place.problems.error(entry.at, under(place, entry.key), message);
  }
  if (pip === undefined || (pip.value.kind === "scalar" && pip.value.value === null)) return [];
  if (pip.value.kind !== "list") {
    complain(pip.value, under(place, "pip"), place, "a list of pip requirements");
    return [];
  }
  const path = under(place, "pip");
  return [{ pip: pip.value.items.flatMap((line, index) => pipLine(line, { ...place, path: `${path}[${index}]` })) }];
}

function pipLine(item: Given, place: Place): string[] {
  if (item.kind !== "scalar" || typeof item.value !== "string") {
    complain(item, place.path, place, 'a pip requirement, like "numpy==1.19.2"');
    return [];
  }
  const line = readPipLine(item.value);
  if (line.kind === "refused") place.problems.error(item.at, place.path, `"${item.value}": ${line.because}`);
  if (holdsPassword(item.value)) {
    place.problems.warning(item.at, place.path, "the address holds a password, which is stored with the run; take it out");
  }
  return [item.value.trim()];
}

function complain(given: Given, path: string, place: Place, expected: string): void {
  place.problems.error(given.at, path, `expected ${expected}, came ${describe(given)}`);
}

function under(place: Place, key: string): string {
  return place.path === "" ? key : `${place.path}.${key}`;
}
