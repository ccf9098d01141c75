import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Slots } from "../../src/ssh/slots.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());
const { signal } = new AbortController();

/** Takes so many slots; each says when it was given. */
function takers(slots: Slots, count: number) {
  const given: (() => void)[] = [];
  for (let taker = 0; taker < count; taker++) void slots.take(signal).then((giveBack) => given.push(giveBack));
  return given;
}
const settled = () => vi.advanceTimersByTimeAsync(0);

it("lets no more act than it has slots, and the next when one is given back", async () => {
  const slots = new Slots(2);
  const given = takers(slots, 4);
  await settled();
  expect(given).toHaveLength(2);
  given[0]!();
  given[0]!(); // twice is once
  await settled();
  expect(given).toHaveLength(3);
  expect(slots.isCrowded).toBe(true);
});

it("holds back after a refusal, one at least, for a minute", async () => {
  const slots = new Slots(3);
  slots.narrowTo(0);
  const given = takers(slots, 4);
  await settled();
  expect(given).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(59_000);
  expect(given).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(2000);
  expect(given).toHaveLength(3);
});

it("has all of them again at once when that is known to be over", async () => {
  const slots = new Slots(3);
  slots.narrowTo(1);
  const given = takers(slots, 3);
  await settled();
  slots.widen();
  await settled();
  expect(given).toHaveLength(3);
});

it("forgets who no longer waits", async () => {
  const slots = new Slots(1);
  const giveBack = await slots.take(signal);
  const impatient = new AbortController();
  const waiting = slots.take(impatient.signal);
  impatient.abort(new Error("enough"));
  await expect(waiting).rejects.toThrow("enough");
  const next = takers(slots, 1);
  giveBack();
  await settled();
  expect(next).toHaveLength(1);
});
