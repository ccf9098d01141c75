import type { JsonObject, JsonValue } from "../../json.ts";
import { type Field, mismatch, type Place } from "./field.ts";
import { type Given, type GivenEntry, isNothing, objectOf, plain } from "./given.ts";
import { nearestOf } from "./nearest.ts";
import { folded } from "./problem.ts";
import { duplicateMessage } from "./readText.ts";

/** A list of one kind of value; nothing is the default list. */
export function list<T>(item: Field<T>, absent: readonly T[] = []): Field<readonly T[]> {
  const field: Field<readonly T[]> = {
    absent: () => absent,
    read(given, place) {
      if (isNothing(given)) return absent;
      if (given.kind !== "list") return mismatch(field, "a list", given, place);
      return given.items.map((each, index) => item.read(each, { ...place, path: `${place.path}[${index}]` }));
    },
    write: (value, spelling) => value.map((each) => item.write(each, spelling)),
  };
  return field;
}

/** Names that a person chose, each with one kind of value. */
export function record<T>(item: Field<T>, absent: Readonly<Record<string, T>> = {}): Field<Readonly<Record<string, T>>> {
  const field: Field<Readonly<Record<string, T>>> = {
    absent: () => absent,
    read(given, place) {
      if (isNothing(given)) return absent;
      if (given.kind !== "map") return mismatch(field, "a mapping of names to values", given, place);
      return objectOf(given.entries.map((entry) => [entry.key, item.read(entry.value, below(place, entry.key))]));
    },
    write: (value, spelling) => objectOf(Object.entries(value).map(([key, each]) => [key, item.write(each, spelling)])),
  };
  return field;
}

/** The field, or null when nothing is given. */
export function optional<T>(inner: Field<T>): Field<T | null> {
  return {
    absent: () => null,
    read: (given, place) => (isNothing(given) ? null : inner.read(given, place)),
    write: (value, spelling) => (value === null ? null : inner.write(value, spelling)),
  };
}

/** One key of a section. */
export interface Key<T> {
  readonly field: Field<T>;
  /** one line for the annotated file */
  readonly comment: string;
  /** how a YAML file spells it, when that is not how JSON does */
  readonly yaml?: string;
  /** older spellings that still count */
  readonly also?: readonly string[];
  /** a key of later client versions: written to a file only when it says something */
  readonly later?: boolean;
}

export function key<T>(field: Field<T>, comment: string, options: Omit<Key<T>, "field" | "comment"> = {}): Key<T> {
  return { field, comment, ...options };
}
export function laterKey<T>(field: Field<T>, comment: string, options: Omit<Key<T>, "field" | "comment" | "later"> = {}): Key<T> {
  return { field, comment, later: true, ...options };
}

export type Keys = Readonly<Record<string, Key<unknown>>>;
/** A section's values by key; `others` keeps the keys that this version does not know. */
export type SectionOf<K extends Keys> = { readonly [Name in keyof K]: K[Name] extends Key<infer T> ? T : never } & {
  readonly others: JsonObject;
};
export interface Section<K extends Keys> extends Field<SectionOf<K>> {
  readonly keys: K;
}

/** A mapping with known keys. Keys are matched without regard to case and underscores, unknown ones are kept and warned of. */
export function section<const K extends Keys>(keys: K): Section<K> {
  const names = namesOf(keys);
  const self: Section<K> = {
    keys,
    absent: () => complete(keys, {}, {}),
    read(given, place) {
      if (isNothing(given)) return self.absent();
      if (given.kind !== "map") return mismatch(self, "a mapping", given, place);
      const { known, others } = sortEntries(given.entries, names, place);
      const values = Object.entries(known).map(([name, entry]) => {
        return [name, keys[name]!.field.read(entry.value, below(place, entry.key))] as const;
      });
      return complete(keys, objectOf(values), others);
    },
    write(value, spelling) {
      const named = Object.entries(keys).map(([name, each]) => {
        const written = each.field.write((value as Readonly<Record<string, unknown>>)[name], spelling);
        return [spelling === "yaml" ? (each.yaml ?? name) : name, written] as const;
      });
      return objectOf<JsonValue>([...named, ...Object.entries(value.others)]);
    },
  };
  return self;
}

/** The entry that gives `name`, however it is spelled. */
export function entryOf(given: Given | undefined, name: string): GivenEntry | undefined {
  return given?.kind === "map" ? given.entries.find((entry) => folded(entry.key) === folded(name)) : undefined;
}

export function below(place: Place, name: string): Place {
  return { ...place, path: place.path === "" ? name : `${place.path}.${name}` };
}

function complete<K extends Keys>(keys: K, values: Readonly<Record<string, unknown>>, others: JsonObject): SectionOf<K> {
  const filled = Object.entries(keys).map(
    ([name, each]) => [name, Object.hasOwn(values, name) ? values[name] : each.field.absent()] as const,
  );
  return { ...objectOf(filled), others } as SectionOf<K>;
}

function namesOf(keys: Keys): ReadonlyMap<string, string> {
  const spellings = Object.entries(keys).flatMap(([name, each]) =>
    [name, ...(each.also ?? [])].map((also) => [folded(also), name] as const),
  );
  return new Map(spellings);
}

function sortEntries(entries: readonly GivenEntry[], names: ReadonlyMap<string, string>, place: Place) {
  const known: Record<string, GivenEntry> = {};
  const others: [string, JsonValue][] = [];
  for (const entry of entries) {
    const name = names.get(folded(entry.key));
    const path = below(place, entry.key).path;
    if (name === undefined) {
      warnUnknown(entry, path, [...names.values()], place);
      others.push([entry.key, plain(entry.value)]);
    } else if (known[name] !== undefined) {
      place.problems.error(entry.at, path, duplicateMessage(entry.key, known[name]));
    } else {
      known[name] = entry;
    }
  }
  return { known, others: objectOf(others) as JsonObject };
}

/** `maxTotalRuns` as a file has it that writes `max_total_runs`. */
const snakeCased = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

function warnUnknown(entry: GivenEntry, path: string, names: readonly string[], place: Place): void {
  const found = nearestOf(entry.key, new Set(names));
  const nearest = found !== null && entry.key.includes("_") ? snakeCased(found) : found;
  const hint = nearest === null ? "" : `; did you mean "${nearest}"?`;
  place.problems.warning(entry.at, path, `unknown key "${entry.key}", kept but not used${hint}`, nearest);
}
