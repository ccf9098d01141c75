import { BadRequest, nearestOf } from "@switchyard/protocol";
import { type Expression, type RawBuilder, type SqlBool, sql } from "kysely";
import { storable, storableName } from "../../database/text.ts";

/** What a list is sorted by. Runs without a value come last, either way; runs with the same value by id. */
export interface Order {
  readonly text: string;
  readonly value: Expression<string | number | null>;
  readonly type: "number" | "string";
  readonly mayBeNull: boolean;
  readonly descending: boolean;
  /** the metric whose series must be joined as `ordering` */
  readonly metric: string | null;
}

const COLUMNS: Readonly<Record<string, Pick<Order, "type" | "mayBeNull"> & { column: string }>> = {
  created: { column: "created_at", type: "number", mayBeNull: false },
  started: { column: "started_at", type: "number", mayBeNull: true },
  ended: { column: "ended_at", type: "number", mayBeNull: true },
  status: { column: "status", type: "string", mayBeNull: false },
  experiment: { column: "experiment", type: "string", mayBeNull: false },
  target: { column: "target", type: "string", mayBeNull: false },
};

/** Reads `created`, `-ended`, `metrics.loss`, `-metrics."val loss"`. */
export function parseOrder(text: string): Order {
  const descending = text.startsWith("-");
  const name = descending ? text.slice(1) : text;
  const metric = /^metrics\.(?:"(.+)"|(.+))$/is.exec(name);
  if (metric) {
    const chosen = storableName(metric[1] ?? (metric[2] as string));
    return { text, value: sql.ref("ordering.last_number"), type: "number", mayBeNull: true, descending, metric: chosen };
  }
  const known = Object.hasOwn(COLUMNS, name.toLowerCase()) ? COLUMNS[name.toLowerCase()] : undefined;
  if (!known) {
    const candidates = [...Object.keys(COLUMNS), "metrics.<name>"];
    const hint = nearestOf(name, Object.keys(COLUMNS));
    throw new BadRequest(
      `order: runs cannot be sorted by "${name}". ${hint ? `Did you mean "${hint}"? ` : ""}Use one of ${candidates.join(", ")}, with a leading - for downwards.`,
    );
  }
  return { text, value: sql.ref(`runs.${known.column}`), type: known.type, mayBeNull: known.mayBeNull, descending, metric: null };
}

/** A place in a list: the sort value and the id of the last run of a page. */
export interface Place {
  readonly value: string | number | null;
  readonly id: string;
}

/** What comes after the place. */
export function isAfter({ value, mayBeNull, descending }: Order, place: Place): RawBuilder<SqlBool> {
  const beyond = sql.raw(descending ? "<" : ">");
  const id = sql.ref("runs.id");
  if (place.value === null) return sql`(${value} is null and ${id} ${beyond} ${place.id})`;
  const after = sql<SqlBool>`(${value}, ${id}) ${beyond} (${place.value}, ${place.id})`;
  return mayBeNull ? sql`(${after} or ${value} is null)` : after;
}

export function orderBy({ value, mayBeNull, descending }: Order): RawBuilder<unknown> {
  const direction = sql.raw(descending ? "desc" : "asc");
  const nullsLast = mayBeNull ? sql`(${value} is null), ` : sql``;
  return sql`${nullsLast}${value} ${direction}, runs.id ${direction}`;
}

export function encodePlace(order: Order, place: Place): string {
  return Buffer.from(JSON.stringify([order.text, place.value, place.id])).toString("base64url");
}

export function decodePlace(order: Order, after: string): Place {
  const [text, value, id] = read(after);
  if (text !== order.text)
    throw new BadRequest(`after: this page token belongs to a list with order "${text}"; ask with the same order on every page.`);
  if (typeof id !== "string" || !isValueOf(order, value)) throw notOurs(after);
  return { value: typeof value === "string" ? storable(value) : value, id: storable(id) };
}

function isValueOf({ type, mayBeNull }: Order, value: unknown): value is Place["value"] {
  return typeof value === type || (mayBeNull && value === null);
}

function read(after: string): unknown[] {
  try {
    const decoded: unknown = JSON.parse(Buffer.from(after, "base64url").toString());
    if (Array.isArray(decoded)) return decoded;
  } catch {}
  throw notOurs(after);
}

const notOurs = (after: string) =>
  new BadRequest(`after: "${after.slice(0, 40)}" is not the \`next\` of an earlier page. Leave it out to begin at the first page.`);
