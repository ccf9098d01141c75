import { BadRequest, nearestOf, RUN_STATUSES, type RunsQuery } from "@switchyard/protocol";
import { type RawBuilder, type SqlBool, sql } from "kysely";
import type { Database } from "../../database/database.ts";
import { storable, storableName } from "../../database/text.ts";
import { conditionOf } from "./condition.ts";
import { findStatus } from "./fields.ts";
import { decodePlace, encodePlace, isAfter, type Order, orderBy, parseOrder } from "./order.ts";
import { parseWhere } from "./where.ts";

type Condition = RawBuilder<SqlBool>;

/** The ids of one page of runs, and the token of the next page. */
export async function listRuns(database: Database, workspace: string, query: RunsQuery): Promise<{ ids: string[]; next: string | null }> {
  const order = parseOrder(query.order);
  const conditions = [...filtersOf(query), ...whereOf(database, query)];
  if (query.after !== undefined) conditions.push(isAfter(order, decodePlace(order, query.after)));
  const { rows } = await sql<{ id: string; value: string | number | null }>`
    select runs.id as id, ${order.value} as value from runs ${joinOf(order)}
    where ${sql.join([sql<SqlBool>`runs.workspace = ${storable(workspace)}`, ...conditions], sql` and `)}
    order by ${orderBy(order)} limit ${query.limit + 1}`.execute(database.db);
  const page = rows.slice(0, query.limit);
  const last = page.at(-1);
  return { ids: page.map((row) => row.id), next: rows.length > query.limit && last ? encodePlace(order, last) : null };
}

function joinOf({ metric }: Order): RawBuilder<unknown> {
  if (metric === null) return sql``;
  return sql`left join metric_series as ordering on ordering.run_id = runs.id and ordering.origin = 'script'
    and ordering.name = ${metric} and ordering.is_latest = 1`;
}

function whereOf(database: Database, { where }: RunsQuery): Condition[] {
  if (where === undefined || where.trim() === "") return [];
  return parseWhere(where).map((comparison) => conditionOf(database.kind, comparison));
}

function filtersOf(query: RunsQuery): Condition[] {
  const conditions: Condition[] = [visible(query)];
  const equals = (column: string, value: string | undefined) => {
    if (value !== undefined) conditions.push(sql`${sql.ref(`runs.${column}`)} = ${storable(value)}`);
  };
  equals("experiment", query.experiment);
  equals("target", query.target);
  equals("type", query.type);
  equals("parent_id", query.parent);
  if (query.parent === undefined && !query.includeChildren) conditions.push(sql`runs.parent_id is null`);
  if (query.status !== undefined) conditions.push(sql`runs.status in (${sql.join(statusesOf(query.status))})`);
  for (const tag of listOf(query.tag)) conditions.push(hasLabel("run_tags", tag));
  for (const property of listOf(query.property)) conditions.push(hasLabel("run_properties", property));
  return conditions;
}

/** Deleted runs are left out, but the list of an archived experiment holds those that were archived with it. */
function visible({ experiment }: RunsQuery): Condition {
  if (experiment === undefined) return sql`runs.deleted_at is null`;
  return sql`(runs.deleted_at is null or exists (select 1 from experiments where experiments.workspace = runs.workspace
    and experiments.name = runs.experiment and experiments.deleted_at = runs.deleted_at))`;
}

function statusesOf(text: string): string[] {
  return text.split(",").map((word) => {
    const status = findStatus(word.trim());
    if (status) return status;
    const close = nearestOf(word.trim(), RUN_STATUSES);
    throw new BadRequest(
      `status: "${word.trim()}" is no status. ${close ? `Did you mean "${close}"? ` : ""}Known are ${RUN_STATUSES.join(", ")}.`,
    );
  });
}

const listOf = (value: string | readonly string[] | undefined): readonly string[] =>
  value === undefined ? [] : typeof value === "string" ? [value] : value;

/** `key`: the label is there; `key=value`: it has this value. */
function hasLabel(table: "run_tags" | "run_properties", text: string): Condition {
  const equals = text.indexOf("=");
  const name = equals < 0 ? text : text.slice(0, equals);
  const value = equals < 0 ? sql`` : sql` and label.value = ${storable(text.slice(equals + 1))}`;
  return sql`exists (select 1 from ${sql.table(table)} as label where label.run_id = runs.id and label.name = ${storableName(name)}${value})`;
}
