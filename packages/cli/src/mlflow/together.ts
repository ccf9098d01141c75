const AT_ONCE = 4;

/** Does the same for all, a few at a time, in their order. The first that fails ends it. */
export async function together<T>(all: Iterable<T> | AsyncIterable<T>, work: (each: T) => Promise<void>): Promise<void> {
  const going = new Set<Promise<void>>();
  for await (const each of all) {
    const done = work(each).finally(() => going.delete(done));
    going.add(done);
    if (going.size >= AT_ONCE) await Promise.race(going);
  }
  await Promise.all(going);
}
