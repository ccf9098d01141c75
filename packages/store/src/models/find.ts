import { type Expression, type RawBuilder, type SqlBool, sql } from "kysely";
import type { DatabaseKind } from "../database/columnTypes.ts";
import { storable, storableName } from "../database/text.ts";

/** Which models or versions are meant: all conditions have to hold. */
export type ModelCondition =
  | { readonly field: ModelField; readonly operator: ModelOperator; readonly value: string | number | readonly string[] }
  /** without `operator`: the label is there, with whatever value. Those without the label do not match, unless `orAbsent` */
  | {
      readonly label: "tag" | "property";
      readonly name: string;
      readonly operator?: ModelOperator;
      readonly value?: string | readonly string[];
      readonly orAbsent?: boolean;
    }
  | { readonly newest: true };

/** `like` regards case, `ilike` does not. */
export type ModelOperator = "=" | "!=" | "<" | "<=" | ">" | ">=" | "like" | "ilike" | "in";

const FIELDS = {
  name: sql.ref("m.name"),
  version: sql.ref("v.version"),
  runId: sql.ref("v.run_id"),
  source: sql.ref("v.source"),
  framework: sql.ref("v.framework"),
  stage: sql.ref("v.stage"),
  loggedModelId: sql.ref("v.logged_model_id"),
} satisfies Record<string, Expression<unknown>>;
export type ModelField = keyof typeof FIELDS;

/** What a list is sorted by, the most important first; `id` makes the order whole. */
export interface ModelOrder {
  readonly by: "name" | "version" | "created" | "updated";
  readonly descending: boolean;
}

/** A part of a list. */
export interface ModelPage {
  readonly limit: number;
  /** how many come before */
  readonly offset: number;
}

/** A condition as SQL over `models m` and, for versions, `model_versions v`. */
export function modelConditionOf(kind: DatabaseKind, of: "model" | "version", condition: ModelCondition): RawBuilder<SqlBool> {
  if ("newest" in condition)
    return sql`v.version = (select max(other.version) from model_versions as other where other.model_id = v.model_id)`;
  if ("field" in condition) return compare(kind, FIELDS[condition.field], condition.operator, condition.value);
  const { operator, value } = condition;
  const fits = operator === undefined || value === undefined ? sql`` : sql` and ${compare(kind, sql.ref("label.value"), operator, value)}`;
  const has = hasLabel(of, condition, fits);
  return condition.orAbsent ? sql`(${has} or not ${hasLabel(of, condition, sql``)})` : has;
}

function hasLabel(
  of: "model" | "version",
  { label, name }: { readonly label: "tag" | "property"; readonly name: string },
  fits: RawBuilder<unknown>,
): RawBuilder<SqlBool> {
  const table = sql.table(label === "tag" ? "model_tags" : "model_properties");
  const version = of === "version" ? sql.ref("v.version") : sql`0`;
  return sql`exists (select 1 from ${table} as label where label.model_id = m.id and label.version = ${version} and label.name = ${storableName(name)}${fits})`;
}

function compare(
  kind: DatabaseKind,
  left: Expression<unknown>,
  operator: ModelOperator,
  value: string | number | readonly string[],
): RawBuilder<SqlBool> {
  if (typeof value === "object") {
    return value.length === 0 ? sql<SqlBool>`1 = 0` : sql`${left} in (${sql.join(value.map(storable))})`;
  }
  if (operator === "like" || operator === "ilike") return resembles(kind, left, operator, storable(String(value)));
  if (operator === "in") return sql`${left} = ${value}`;
  return sql`${left} ${sql.raw(operator)} ${typeof value === "string" ? storable(value) : value}`;
}

/** SQLite's `like` takes no notice of case; its `glob` does, with other wildcards. */
function resembles(kind: DatabaseKind, left: Expression<unknown>, operator: "like" | "ilike", pattern: string): RawBuilder<SqlBool> {
  if (kind === "postgres") return sql`${left} ${sql.raw(operator)} ${pattern} escape ''`;
  return operator === "ilike" ? sql`${left} like ${pattern}` : sql`${left} glob ${globOf(pattern)}`;
}

const GLOB: Readonly<Record<string, string>> = { "%": "*", _: "?", "*": "[*]", "?": "[?]", "[": "[[]" };
const globOf = (pattern: string): string => pattern.replace(/[%_*?[]/g, (character) => GLOB[character] as string);

/** The order of a list, made whole: what is equal otherwise goes by name and version. */
export function modelOrderOf(of: "model" | "version", orders: readonly ModelOrder[]): RawBuilder<unknown> {
  const row = of === "model" ? "m" : "v";
  const columns = { name: "m.name", version: "v.version", created: `${row}.created_at`, updated: `${row}.updated_at` };
  const rest: ModelOrder[] = [
    { by: "name", descending: false },
    ...(of === "version" ? [{ by: "version", descending: true } as const] : []),
  ];
  const all = [...orders, ...rest.filter(({ by }) => !orders.some((order) => order.by === by))];
  return sql.join(all.map(({ by, descending }) => sql`${sql.ref(columns[by])} ${sql.raw(descending ? "desc" : "asc")}`));
}
