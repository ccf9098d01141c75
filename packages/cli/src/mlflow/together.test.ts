import { expect, it } from "vitest";
import { together } from "./together.ts";

it("does the same for all, four at a time", async () => {
  const done: number[] = [];
  let going = 0;
  let most = 0;
  await together([1, 2, 3, 4, 5, 6], async (each) => {
    most = Math.max(most, ++going);
    await new Promise(setImmediate);
    going--;
    done.push(each);
  });
  expect(done.sort()).toEqual([1, 2, 3, 4, 5, 6]);
  expect(most).toBe(4);
});

it("throws what one of them threw, also while it waited for the next, and lets those end that had begun", async () => {
  const ended: string[] = [];
  async function* slowly() {
    yield "good";
    yield "bad";
    await new Promise((later) => setTimeout(later, 20));
    yield "not begun any more";
  }
  const all = together(slowly(), async (each) => {
    if (each === "bad") throw new Error("no room");
    await new Promise((later) => setTimeout(later, 5));
    ended.push(each);
  });
  await expect(all).rejects.toThrow("no room");
  expect(ended).not.toContain("bad");
  expect(ended[0]).toBe("good");
});
