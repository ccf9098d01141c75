import { Document, type Node, Pair, Scalar, YAMLMap } from "yaml";
import type { JsonObject, JsonValue } from "../json.ts";
import type { Key, Keys, Section } from "./reading/collections.ts";
import type { Field } from "./reading/field.ts";
import { objectOf } from "./reading/given.ts";
import { type RunConfiguration, runConfigurationSection } from "./schema.ts";

/** The JSON wire form: every key, in JSON's spelling. */
export function toWire(configuration: RunConfiguration): JsonObject {
  return runConfigurationSection.write(configuration, "wire") as JsonObject;
}

/** The annotated file: the keys of spec 01 §3 with a line that explains each, later keys only where they say something. */
export function toYaml(configuration: RunConfiguration): string {
  const contents = sectionNode(runConfigurationSection, configuration, sectionsNeeded(configuration));
  // readers of YAML 1.1, such as Python's, take `on`, `1_000` or `12:30` for something else: such texts are put in quotes
  const document = new Document(contents, { compat: "yaml-1.1" });
  return document.toString({ lineWidth: 0, nullStr: "", minContentWidth: 0 });
}

/** Sections that a rule wants to see in the file even when they hold nothing but defaults. */
function sectionsNeeded({ target }: RunConfiguration): ReadonlySet<string> {
  return new Set(target === "containerinstance" ? ["containerInstance"] : []);
}

type Values = Readonly<Record<string, unknown>> & { readonly others: JsonObject };

function sectionNode(section: Section<Keys>, values: Values, needed: ReadonlySet<string> = new Set()): YAMLMap {
  const map = new YAMLMap();
  for (const [name, key] of Object.entries(section.keys)) {
    const value = values[name];
    if (key.later && !needed.has(name) && isDefault(key.field, value)) continue;
    map.items.push(new Pair(keyNode(name, key), valueNode(key.field, value)));
  }
  for (const [name, value] of Object.entries(values.others)) map.items.push(new Pair(plainNode(name), plainNode(value)));
  return map;
}

function keyNode(name: string, key: Key<unknown>): Scalar {
  const node = new Scalar(key.yaml ?? name);
  node.commentBefore = ` ${key.comment}`;
  return node;
}

function valueNode(field: Field<unknown>, value: unknown): Node {
  if (isSection(field) && value !== null) return sectionNode(field, value as Values);
  return plainNode(field.write(value, "yaml"));
}

function isSection(field: Field<unknown>): field is Section<Keys> {
  return "keys" in field;
}

function isDefault(field: Field<unknown>, value: unknown): boolean {
  return JSON.stringify(field.write(value, "wire")) === JSON.stringify(field.write(field.absent(), "wire"));
}

function plainNode(value: JsonValue): Node {
  return new Document(value, { aliasDuplicateObjects: false }).contents as Node;
}

const SECRET_KEYS = new Set(["password"]);
/** Their names are the user's, and scripts need them as they are. */
const USERS_OWN = "environmentvariables";

/** The wire form as it may be stored and shown: what is secret in it is replaced by stars. */
export function withoutSecrets(wire: JsonObject): JsonObject {
  return masked(wire) as JsonObject;
}

function masked(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(masked);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([key, inner]) => {
    const secret = SECRET_KEYS.has(key.toLowerCase()) && typeof inner === "string" && inner !== "";
    return [key, secret ? "***" : key.toLowerCase() === USERS_OWN ? inner : masked(inner)] as const;
  });
  return objectOf(entries);
}
