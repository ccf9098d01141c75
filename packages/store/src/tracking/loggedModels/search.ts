import { BadRequest } from "@switchyard/protocol";
import { type Expression, type RawBuilder, type SqlBool, sql } from "kysely";
import type { Database } from "../../database/database.ts";
import { storable, storableName } from "../../database/text.ts";
import { compare } from "../search/compare.ts";
import { familyOf } from "../search/family.ts";
import { type FilterComparison, parseFilter } from "../search/filter.ts";
import { offsetOf, pageTokenOf } from "../search/pageToken.ts";
import { LOGGED_MODEL_WORDS } from "../search/vocabulary.ts";

/** A field that models are ordered by; of a metric, its value on one dataset when one is named. */
export interface LoggedModelOrder {
  readonly field: string;
  readonly ascending: boolean;
  readonly datasetName?: string | undefined;
  readonly datasetDigest?: string | undefined;
}

export interface LoggedModelSearch {
  readonly experimentIds: readonly string[];
  readonly filter?: string | undefined;
  /** comparisons of metrics mean values on one of these */
  readonly datasets: readonly { readonly name: string; readonly digest?: string | undefined }[];
  readonly order: readonly LoggedModelOrder[];
  readonly limit: number;
  readonly pageToken?: string | undefined;
  /** deleted ones too */
  readonly deleted?: boolean;
  /** only models that this run or a descendant made */
  readonly within?: string | undefined;
}

/** The ids of a page of logged models, newest first unless the order says otherwise. */
export async function searchLoggedModels(
  database: Database,
  workspace: string,
  search: LoggedModelSearch,
): Promise<{ ids: string[]; next: string | null }> {
  const filter = parseFilter(search.filter, LOGGED_MODEL_WORDS);
  const offset = offsetOf(search.pageToken);
  if (search.experimentIds.length === 0) return { ids: [], next: null };
  const onDatasets = datasetsCondition(search.datasets);
  const hasMetricFilter = filter.some(({ subject }) => subject.kind === "metric");
  const conditions = [
    sql<SqlBool>`model.workspace = ${storable(workspace)}`,
    sql<SqlBool>`model.experiment_id in (${sql.join(search.experimentIds.map(storable))})`,
    ...(search.deleted ? [] : [sql<SqlBool>`model.deleted_at is null`]),
    ...(search.within === undefined ? [] : [sql<SqlBool>`model.source_run_id in ${familyOf(search.within)}`]),
    ...filter.map((comparison) => conditionOf(database, comparison, onDatasets)),
    ...(search.datasets.length > 0 && !hasMetricFilter
      ? [sql<SqlBool>`exists (select 1 from logged_model_metrics as metric where metric.model_id = model.id and ${onDatasets})`]
      : []),
  ];
  const order = search.order.map(orderOf);
  const { rows } = await sql<{ id: string }>`
    select model.id as id from logged_models as model where ${sql.join(conditions, sql` and `)}
    order by ${sql.join([...order, sql`model.created_at desc`, sql`model.id`])}
    limit ${search.limit + 1} offset ${offset}`.execute(database.db);
  const ids = rows.slice(0, search.limit).map(({ id }) => id);
  return { ids, next: rows.length > search.limit ? pageTokenOf(offset + search.limit) : null };
}

const ATTRIBUTES: Readonly<Record<string, Expression<unknown>>> = {
  name: sql.ref("model.name"),
  model_id: sql.ref("model.id"),
  model_type: sql.ref("model.type"),
  status: sql.ref("model.status"),
  source_run_id: sql.ref("model.source_run_id"),
  creation_timestamp: sql.ref("model.created_at"),
  creation_time: sql.ref("model.created_at"),
  last_updated_timestamp: sql.ref("model.changed_at"),
};

function datasetsCondition(datasets: LoggedModelSearch["datasets"]): RawBuilder<SqlBool> {
  if (datasets.length === 0) return sql`1 = 1`;
  const each = datasets.map(({ name, digest }) => {
    const ofDigest = digest === undefined ? sql`` : sql` and metric.dataset_digest = ${storable(digest)}`;
    return sql`(metric.dataset_name = ${storable(name)}${ofDigest})`;
  });
  return sql`(${sql.join(each, sql` or `)})`;
}

function conditionOf({ kind }: Database, comparison: FilterComparison, onDatasets: RawBuilder<SqlBool>): RawBuilder<SqlBool> {
  const { subject, operator } = comparison;
  if (subject.kind === "attribute") return compare(kind, ATTRIBUTES[subject.name] as Expression<unknown>, comparison);
  if (subject.kind === "metric") {
    return sql`exists (select 1 from logged_model_metrics as metric where metric.model_id = model.id
      and metric.name = ${storableName(subject.name)} and ${onDatasets} and ${compare(kind, sql.ref("metric.number"), comparison)})`;
  }
  const table = subject.kind === "tag" ? "logged_model_tags" : "logged_model_params";
  const isNull = operator === "IS NULL";
  const value = isNull || operator === "IS NOT NULL" ? sql`` : sql` and ${compare(kind, sql.ref("pair.value"), comparison)}`;
  const found = sql<SqlBool>`exists (select 1 from ${sql.table(table)} as pair where pair.model_id = model.id and pair.name = ${storableName(subject.name)}${value})`;
  return isNull ? sql`not ${found}` : found;
}

function orderOf({ field, ascending, datasetName, datasetDigest }: LoggedModelOrder): RawBuilder<unknown> {
  const direction = sql.raw(ascending ? "asc" : "desc");
  const value = Object.hasOwn(ATTRIBUTES, field) ? ATTRIBUTES[field] : metricValue(field, datasetName, datasetDigest);
  return sql`(${value} is null), ${value} ${direction}`;
}

/** The value with the greatest step and time. */
function metricValue(field: string, datasetName: string | undefined, datasetDigest: string | undefined): RawBuilder<unknown> {
  const name = /^metrics\.(.+)$/s.exec(field)?.[1];
  if (name === undefined) {
    throw new BadRequest(`Invalid order by field name: ${field}. Use one of ${Object.keys(ATTRIBUTES).join(", ")} or metrics.<name>.`);
  }
  const onName = datasetName === undefined ? sql`` : sql` and metric.dataset_name = ${storable(datasetName)}`;
  const onDigest = datasetDigest === undefined ? sql`` : sql` and metric.dataset_digest = ${storable(datasetDigest)}`;
  return sql`(select metric.number from logged_model_metrics as metric where metric.model_id = model.id
    and metric.name = ${storableName(name)}${onName}${onDigest} order by metric.step desc, metric.time desc limit 1)`;
}
