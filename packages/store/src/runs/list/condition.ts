import { type Expression, type RawBuilder, type SqlBool, sql } from "kysely";
import type { DatabaseKind } from "../../database/columnTypes.ts";
import { storable, storableName } from "../../database/text.ts";
import type { Comparison, Operator } from "./where.ts";

/** A comparison as SQL over `runs`. Labels and metrics that a run lacks match nothing, `!=` included. */
export function conditionOf(kind: DatabaseKind, { subject, operator, value }: Comparison): RawBuilder<SqlBool> {
  switch (subject.kind) {
    case "field":
      return compare(kind, subject.field.value, operator, value);
    case "tags":
      return hasLabel(kind, "run_tags", subject.name, operator, value);
    case "properties":
      return hasLabel(kind, "run_properties", subject.name, operator, value);
    case "metrics":
      return hasMetric(kind, subject.name, operator, value);
  }
}

/** `like` takes no notice of case on any database. */
function compare(kind: DatabaseKind, left: Expression<unknown>, operator: Operator, value: string | number): RawBuilder<SqlBool> {
  const right = typeof value === "string" ? storable(value) : value;
  if (operator !== "like") return sql`${left} ${sql.raw(operator)} ${right}`;
  return sql`${left} ${sql.raw(kind === "postgres" ? "ilike" : "like")} ${right} escape '\\'`;
}

function hasLabel(
  kind: DatabaseKind,
  table: "run_tags" | "run_properties",
  name: string,
  operator: Operator,
  value: string | number,
): RawBuilder<SqlBool> {
  const fits = compare(kind, sql.ref("label.value"), operator, value);
  return sql`exists (select 1 from ${sql.table(table)} as label where label.run_id = runs.id and label.name = ${storableName(name)} and ${fits})`;
}

/** A number is compared with the last number, a text with the last text. */
function hasMetric(kind: DatabaseKind, name: string, operator: Operator, value: string | number): RawBuilder<SqlBool> {
  const fits =
    typeof value === "number"
      ? compare(kind, sql.ref("metric.last_number"), operator, value)
      : compare(kind, sql.ref("metric.last"), operator, operator === "like" ? likeInJson(value) : JSON.stringify(value));
  return sql`exists (select 1 from metric_series as metric where metric.run_id = runs.id and metric.origin = 'script'
    and metric.name = ${storableName(name)} and metric.is_latest = 1 and ${fits})`;
}

/** The pattern for a text as JSON holds it, between quotes. */
const likeInJson = (pattern: string): string => `"${pattern}"`;
