import { type Expression, type RawBuilder, type SqlBool, sql } from "kysely";
import type { Database } from "../../database/database.ts";
import { storable, storableName } from "../../database/text.ts";
import { NOTE_TAG, PARENT_TAG, RUN_NAME_TAG, USER_TAG } from "../names.ts";
import { compare } from "./compare.ts";
import { familyOf } from "./family.ts";
import { type FilterComparison, type FilterSubject, type OrderClause, parseFilter, parseOrder } from "./filter.ts";
import { offsetOf, pageTokenOf } from "./pageToken.ts";
import { MLFLOW_STATUS } from "./status.ts";
import { RUN_WORDS } from "./vocabulary.ts";

/** Which of deleted and other things a search looks at. */
export type ViewType = "ACTIVE_ONLY" | "DELETED_ONLY" | "ALL";

export interface RunSearch {
  /** names of experiments */
  readonly experiments: readonly string[];
  readonly filter?: string | undefined;
  readonly orderBy?: readonly string[] | undefined;
  readonly view: ViewType;
  readonly limit: number;
  readonly pageToken?: string | undefined;
  /** only this run and its descendants */
  readonly within?: string | undefined;
}

type Value = Expression<unknown>;

/** The ids of a page of runs as MLflow searches them: newest first unless the order says otherwise. */
export async function searchRuns(
  database: Database,
  workspace: string,
  search: RunSearch,
): Promise<{ ids: string[]; next: string | null }> {
  const filter = parseFilter(search.filter, RUN_WORDS);
  const order = parseOrder(search.orderBy, RUN_WORDS);
  const offset = offsetOf(search.pageToken);
  if (search.experiments.length === 0) return { ids: [], next: null };
  const conditions = [
    sql<SqlBool>`runs.workspace = ${storable(workspace)}`,
    sql<SqlBool>`runs.experiment in (${sql.join(search.experiments.map(storable))})`,
    ...viewCondition(search.view, sql.ref("runs.deleted_at")),
    ...withinCondition(search.within),
    ...filter.map((comparison) => conditionOf(database, comparison)),
  ];
  const { rows } = await sql<{ id: string }>`
    select runs.id as id from runs ${sql.join(order.map(joinOf), sql` `)}
    where ${sql.join(conditions, sql` and `)}
    order by ${sql.join([...order.map(orderOf), ...naturalOrder(order)])}
    limit ${search.limit + 1} offset ${offset}`.execute(database.db);
  const ids = rows.slice(0, search.limit).map(({ id }) => id);
  return { ids, next: rows.length > search.limit ? pageTokenOf(offset + search.limit) : null };
}

export function viewCondition(view: ViewType, deletedAt: Value): RawBuilder<SqlBool>[] {
  if (view === "ALL") return [];
  return [view === "ACTIVE_ONLY" ? sql`${deletedAt} is null` : sql`${deletedAt} is not null`];
}

function withinCondition(within: string | undefined): RawBuilder<SqlBool>[] {
  return within === undefined ? [] : [sql`runs.id in ${familyOf(within)}`];
}

const startTime: Value = sql`coalesce(runs.started_at, runs.created_at)`;
const tagValue = (name: string): Value =>
  sql`(select tag.value from run_tags as tag where tag.run_id = runs.id and tag.name = ${storableName(name)})`;

const ATTRIBUTES: Readonly<Record<string, Value>> = {
  run_id: sql.ref("runs.id"),
  run_name: sql.ref("runs.display_name"),
  user_id: sql`coalesce(${tagValue(USER_TAG)}, runs.submitted_by)`,
  status: sql`case ${sql.join(
    Object.entries(MLFLOW_STATUS).map(([ours, theirs]) => sql`when runs.status = ${ours} then ${theirs}`),
    sql` `,
  )} end`,
  // only runs whose experiment says where its artifacts lie have another one than the server gives
  artifact_uri: sql`(select coalesce(experiments.artifact_location, 'mlflow-artifacts:/' || experiments.id) || '/' || runs.id || '/artifacts'
    from experiments where experiments.workspace = runs.workspace and experiments.name = runs.experiment)`,
  start_time: startTime,
  end_time: sql.ref("runs.ended_at"),
};

/** Tags that say the same as a field: a run of ours has the field only. */
const FIELD_TAGS: Readonly<Record<string, Value>> = {
  [RUN_NAME_TAG]: sql.ref("runs.display_name"),
  [NOTE_TAG]: sql.ref("runs.description"),
  [PARENT_TAG]: sql`coalesce(${tagValue(PARENT_TAG)}, runs.parent_id)`,
  [USER_TAG]: sql`coalesce(${tagValue(USER_TAG)}, runs.submitted_by)`,
};

function conditionOf({ kind }: Database, comparison: FilterComparison): RawBuilder<SqlBool> {
  const { subject, operator } = comparison;
  const fits = (left: Value) => compare(kind, left, comparison);
  switch (subject.kind) {
    case "attribute":
      return fits(ATTRIBUTES[subject.name] as Value);
    case "tag":
      if (Object.hasOwn(FIELD_TAGS, subject.name)) return fits(FIELD_TAGS[subject.name] as Value);
      return pairCondition("run_tags", subject, comparison, fits);
    case "param":
      return pairCondition("run_params", subject, comparison, fits);
    case "metric": {
      const number = lastNumber("metric");
      // NaN is not equal to anything, and neither less nor greater
      const matches = operator === "!=" ? sql`(${fits(number)} or metric.last = '"NaN"')` : fits(number);
      return sql`exists (select 1 from metric_series as metric where ${seriesOf("metric", subject.name)} and ${matches})`;
    }
    case "dataset": {
      const column = subject.name === "context" ? sql.ref("input.context") : sql.ref(`dataset.${subject.name}`);
      return sql`exists (select 1 from run_inputs as input join tracked_datasets as dataset on dataset.id = input.dataset_id
        where input.run_id = runs.id and ${fits(column)})`;
    }
  }
}

function pairCondition(
  table: "run_tags" | "run_params",
  { name }: FilterSubject,
  { operator }: FilterComparison,
  fits: (left: Value) => RawBuilder<SqlBool>,
): RawBuilder<SqlBool> {
  const isNull = operator === "IS NULL";
  const value = isNull || operator === "IS NOT NULL" ? sql`` : sql` and ${fits(sql`coalesce(pair.value, '')`)}`;
  const found = sql<SqlBool>`exists (select 1 from ${sql.table(table)} as pair where pair.run_id = runs.id and pair.name = ${storableName(name)}${value})`;
  return isNull ? sql`not ${found}` : found;
}

const seriesOf = (alias: string, name: string): RawBuilder<SqlBool> =>
  sql`${sql.ref(`${alias}.run_id`)} = runs.id and ${sql.ref(`${alias}.origin`)} = 'script' and ${sql.ref(`${alias}.name`)} = ${storableName(name)}
    and ${sql.ref(`${alias}.is_latest`)} = 1 and ${sql.ref(`${alias}.kind`)} = 'number'`;

/** The last number, an infinite one as the greatest there is; nothing for NaN. */
function lastNumber(alias: string): Value {
  const [number, last] = [sql.ref(`${alias}.last_number`), sql.ref(`${alias}.last`)];
  return sql`coalesce(${number}, case ${last}
    when '"Infinity"' then cast(${Number.MAX_VALUE} as double precision) when '"-Infinity"' then cast(${-Number.MAX_VALUE} as double precision) end)`;
}

const aliasOf = (index: number) => `ordering${index}`;

function joinOf({ subject }: OrderClause, index: number): RawBuilder<unknown> {
  const alias = aliasOf(index);
  const of = (table: string) =>
    sql`left join ${sql.table(table)} as ${sql.id(alias)} on ${sql.ref(`${alias}.run_id`)} = runs.id and ${sql.ref(`${alias}.name`)} = ${storableName(subject.name)}`;
  switch (subject.kind) {
    case "metric":
      return sql`left join metric_series as ${sql.id(alias)} on ${seriesOf(alias, subject.name)}`;
    case "param":
      return of("run_params");
    case "tag":
      return Object.hasOwn(FIELD_TAGS, subject.name) ? sql`` : of("run_tags");
    default:
      return sql``;
  }
}

/** Runs without a value come last, either way; those whose value is NaN before them. */
function orderOf({ subject, descending }: OrderClause, index: number): RawBuilder<unknown> {
  const direction = sql.raw(descending ? "desc" : "asc");
  const alias = aliasOf(index);
  if (subject.kind === "metric") {
    const number = lastNumber(alias);
    return sql`case when ${number} is not null then 0 when ${sql.ref(`${alias}.last`)} is not null then 1 else 2 end, ${number} ${direction}`;
  }
  const value = valueFor(subject, alias);
  return sql`(${value} is null), ${value} ${direction}`;
}

function valueFor(subject: FilterSubject, alias: string): Value {
  if (subject.kind === "attribute") return ATTRIBUTES[subject.name] as Value;
  if (subject.kind === "tag" && Object.hasOwn(FIELD_TAGS, subject.name)) return FIELD_TAGS[subject.name] as Value;
  return sql.ref(`${alias}.value`);
}

function naturalOrder(order: readonly OrderClause[]): RawBuilder<unknown>[] {
  const byStart = order.some(({ subject }) => subject.kind === "attribute" && subject.name === "start_time");
  return [...(byStart ? [] : [sql`${startTime} desc`]), sql`runs.id`];
}
