/** Statements take a limited number of values: rows go in groups of this size. */
const ROWS_PER_STATEMENT = 500;

/** The rows in groups small enough for one statement each. */
export function* inGroups<T>(rows: readonly T[]): Generator<T[]> {
  for (let at = 0; at < rows.length; at += ROWS_PER_STATEMENT) yield rows.slice(at, at + ROWS_PER_STATEMENT);
}
