import { type Expression, type RawBuilder, type SqlBool, sql } from "kysely";
import type { DatabaseKind } from "../../database/columnTypes.ts";
import { storable } from "../../database/text.ts";
import type { FilterComparison } from "./filter.ts";

/** A comparison of what `left` yields; every value goes as a parameter. LIKE minds case on every database, ILIKE does not. */
export function compare(kind: DatabaseKind, left: Expression<unknown>, { operator, value }: FilterComparison): RawBuilder<SqlBool> {
  switch (operator) {
    case "IN":
      return sql`${left} in (${sql.join((value as readonly string[]).map(storable))})`;
    case "NOT IN":
      return sql`${left} not in (${sql.join((value as readonly string[]).map(storable))})`;
    case "LIKE":
      return kind === "postgres" ? sql`${left} like ${storable(value as string)} escape ''` : sql`${left} glob ${globOf(value as string)}`;
    case "ILIKE":
      return kind === "postgres"
        ? sql`${left} ilike ${storable(value as string)} escape ''`
        : sql`${left} like ${storable(value as string)}`;
    case "IS NULL":
      return sql`${left} is null`;
    case "IS NOT NULL":
      return sql`${left} is not null`;
    default:
      return sql`${left} ${sql.raw(operator)} ${typeof value === "string" ? storable(value) : (value as number)}`;
  }
}

/** SQLite's `like` takes no notice of case; `glob` does and has other wildcards. */
function globOf(pattern: string): string {
  return storable(pattern).replace(/[*?[%_]/g, (character) => (character === "%" ? "*" : character === "_" ? "?" : `[${character}]`));
}
