const AT_ONCE = 4;

/** Does the same for all, a few at a time, in their order. After the first that fails no other is begun, and its error is thrown. */
export async function together<T>(all: Iterable<T> | AsyncIterable<T>, work: (each: T) => Promise<void>): Promise<void> {
  const going = new Set<Promise<void>>();
  const errors: unknown[] = [];
  for await (const each of all) {
    const done = work(each)
      .catch((error: unknown) => void errors.push(error))
      .finally(() => going.delete(done));
    going.add(done);
    if (going.size >= AT_ONCE) await Promise.race(going);
    if (errors.length > 0) break;
  }
  await Promise.all(going);
  if (errors.length > 0) throw errors[0];
}
