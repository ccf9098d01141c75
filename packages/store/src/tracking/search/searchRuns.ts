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
  const leading = leadingMetric(filter, order);
  const conditions = [
    ...(leading === null ? [] : [isSeries(leading)]),
    sql<SqlBool>`runs.workspace = ${storable(workspace)}`,
    sql<SqlBool>`runs.experiment in (${sql.join(search.experiments.map(storable))})`,
    ...viewCondition(search.view, sql.ref("runs.deleted_at")),
    ...withinCondition(search.within),
    ...filter.map((comparison) => conditionOf(database, comparison, leading)),
  ];
  const { rows } = await sql<{ id: string }>`
    select runs.id as id from ${leading === null ? sql`runs` : runsBySeries(database)}
    where ${sql.join(conditions, sql` and `)}
    order by ${sql.join([...order.map((clause) => orderOf(clause, leading)), ...naturalOrder(order)])}
    limit ${search.limit + 1} offset ${offset}`.execute(database.db);
  const ids = rows.slice(0, search.limit).map(({ id }) => id);
  return { ids, next: rows.length > search.limit ? pageTokenOf(offset + search.limit) : null };
}

/**
 * The metric that runs are first ordered by, when the filter leaves only runs where it is a number: its index then gives them in
 * their order, and a page is found without looking at all of them. Else labels and metrics are looked up run by run, which
 * needs no knowledge of how they are spread: databases that were just filled have none.
 */
function leadingMetric(filter: readonly FilterComparison[], [first]: readonly OrderClause[]): string | null {
  if (first?.subject.kind !== "metric") return null;
  const { name } = first.subject;
  const isNumber = filter.some(({ subject, operator }) => subject.kind === "metric" && subject.name === name && operator !== "!=");
  return isNumber ? name : null;
}

const isSeries = (name: string): RawBuilder<SqlBool> => sql`ranked.origin = 'script' and (ranked.name || '') = ${storableName(name)}
  and ranked.is_latest = 1 and ranked.kind = 'number'`;

/** Each series with its run; the index `metric_series_sorted` is over `name || ''`. PostgreSQL is told to look the run up, whatever it thinks of the number of series. */
function runsBySeries({ kind }: Database): RawBuilder<unknown> {
  if (kind === "sqlite") return sql`metric_series as ranked join runs on runs.id = ranked.run_id`;
  return sql`metric_series as ranked cross join lateral (select * from runs where runs.id = ranked.run_id limit 1) as runs`;
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

function conditionOf({ kind }: Database, comparison: FilterComparison, leading: string | null): RawBuilder<SqlBool> {
  const { subject, operator } = comparison;
  const fits = (left: Value) => compare(kind, left, comparison);
  if (subject.kind === "metric") {
    const number = fits(numberOf(subject.name, leading));
    // NaN is not equal to anything, and neither less nor greater
    return operator === "!=" ? sql`(${number} or ${ofSeries("last", subject.name)} = '"NaN"')` : number;
  }
  if (subject.kind !== "dataset") return fits(valueFor(subject));
  const column = subject.name === "context" ? sql.ref("input.context") : sql.ref(`dataset.${subject.name}`);
  return sql`exists (select 1 from run_inputs as input join tracked_datasets as dataset on dataset.id = input.dataset_id
    where input.run_id = runs.id and ${fits(column)})`;
}

/** Of a run's series of this name, of its last attempt that has one. */
const ofSeries = (column: "sort_number" | "last", name: string): Value =>
  sql`(select ${sql.ref(`metric.${column}`)} from metric_series as metric where metric.run_id = runs.id and metric.origin = 'script'
    and metric.name = ${storableName(name)} and metric.is_latest = 1 and metric.kind = 'number')`;

const numberOf = (name: string, leading: string | null): Value =>
  name === leading ? sql.ref("ranked.sort_number") : ofSeries("sort_number", name);

/** A tag without a value is an empty text to MLflow. */
function pairValue(table: "run_tags" | "run_params", name: string): Value {
  return sql`(select coalesce(pair.value, '') from ${sql.table(table)} as pair where pair.run_id = runs.id and pair.name = ${storableName(name)})`;
}

/** Runs without a value come last, either way; those whose value is NaN before them. */
function orderOf({ subject, descending }: OrderClause, leading: string | null): RawBuilder<unknown> {
  const direction = sql.raw(descending ? "desc" : "asc");
  if (subject.kind !== "metric") {
    const value = valueFor(subject);
    return sql`(${value} is null), ${value} ${direction}`;
  }
  const number = numberOf(subject.name, leading);
  if (subject.name === leading) return sql`${number} ${direction}`;
  return sql`case when ${number} is not null then 0 when ${ofSeries("last", subject.name)} is not null then 1 else 2 end, ${number} ${direction}`;
}

function valueFor({ kind, name }: FilterSubject): Value {
  if (kind === "attribute") return ATTRIBUTES[name] as Value;
  if (kind === "param") return pairValue("run_params", name);
  return Object.hasOwn(FIELD_TAGS, name) ? (FIELD_TAGS[name] as Value) : tagValue(name);
}

function naturalOrder(order: readonly OrderClause[]): RawBuilder<unknown>[] {
  const byStart = order.some(({ subject }) => subject.kind === "attribute" && subject.name === "start_time");
  return [...(byStart ? [] : [sql`${startTime} desc`]), sql`runs.id`];
}
