/** Does something with each item, at most `limit` at a time. The first failure stops what has not begun, and is thrown once all have settled. */
export async function eachAtOnce<T>(items: Iterable<T>, limit: number, act: (item: T) => Promise<void>): Promise<void> {
  const pending = items[Symbol.iterator]();
  const failures: unknown[] = [];
  const worker = async () => {
    for (let next = pending.next(); !next.done && failures.length === 0; next = pending.next()) {
      try {
        await act(next.value);
      } catch (error) {
        failures.push(error);
      }
    }
  };
  await Promise.all(Array.from({ length: limit }, worker));
  if (failures.length > 0) throw failures[0];
}
