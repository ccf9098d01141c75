import { type JobEvent, LOG_FILES } from "@switchyard/protocol";
import { expect, it } from "vitest";
import { bundleOf } from "../bundle.ts";
import type { DriverTest } from "../describeDriver.ts";
import { Follower, until } from "../follow.ts";

/** What a driver promises about the bytes that grow. */
export function promiseBytes(test: DriverTest): void {
  if (test.features.liveLogs)
    it("shows the first log line while the job runs", async () => {
      const follower = await test.follow(bundleOf({ acts: [{ say: "first" }, { waitFor: test.gate.path }, { say: "second" }] }));
      await until("the first line is there", async () => {
        await follower.look();
        return follower.text(LOG_FILES.driver) === "first\n";
      });
      test.gate.open();
      await follower.toTheEnd();
      expect(follower.text(LOG_FILES.driver)).toBe("first\nsecond\n");
    });

  it("brings every byte exactly once with a budget of a few bytes", async () => {
    const follower = await test.follow(bundleOf({ acts: [{ sayMany: { prefix: "line", lines: 300 } }] }));
    await follower.toTheEnd(97);
    expect(follower.text(LOG_FILES.driver)).toBe(numbered("line", 300));
    expect(follower.mostBytes).toBeLessThanOrEqual(97);
    expect(follower.looks).toBeGreaterThan(20);
  });

  it("says more when the budget left something behind", async () => {
    const handle = await test.start(bundleOf({ acts: [{ sayMany: { prefix: "line", lines: 100 } }] }));
    await new Follower(test.driver, handle).toTheEnd();
    const [nothing] = await test.driver.observe([{ handle, cursors: [] }], 0, test.signal);
    expect(nothing?.grown.map((growth) => growth.file)).toContain(LOG_FILES.driver);
    expect(nothing?.grown.every((growth) => growth.more && growth.bytes.length === 0)).toBe(true);
    const [all] = await test.driver.observe([{ handle, cursors: [] }], 1_000_000, test.signal);
    expect(all?.grown.some((growth) => growth.more)).toBe(false);
  });

  it("brings every job its bytes when many share a small budget", async () => {
    const bundles = [1, 2, 3, 4].map((number) => bundleOf({ acts: [{ sayMany: { prefix: `job ${number}`, lines: 50 } }] }));
    const handles = await Promise.all(bundles.map((bundle) => test.start(bundle)));
    for (const [index, handle] of handles.entries()) {
      const follower = new Follower(test.driver, handle);
      await follower.toTheEnd(256);
      expect(follower.text(LOG_FILES.driver)).toBe(numbered(`job ${index + 1}`, 50));
    }
    const watched = handles.map((handle) => ({ handle, cursors: [] }));
    const seen = await test.driver.observe(watched, 1000, test.signal);
    const bytes = seen.flatMap((each) => each.grown).reduce((sum, growth) => sum + growth.bytes.length, 0);
    expect(bytes).toBe(1000);
  });

  it("brings nothing for cursors that have reached the end or lie beyond it", async () => {
    const handle = await test.start(bundleOf({ acts: [{ say: "hello" }] }));
    const follower = new Follower(test.driver, handle);
    await follower.toTheEnd();
    const beyond = follower.cursors.map((cursor) => ({ ...cursor, offset: cursor.offset + 1000 }));
    for (const cursors of [follower.cursors, beyond]) {
      expect(await test.driver.observe([{ handle, cursors }], 1000, test.signal)).toMatchObject([{ grown: [] }]);
    }
  });

  it("writes down what happened: claimed, started, ended with the final sizes", async () => {
    const follower = await test.follow(bundleOf({ acts: [{ say: "hello" }, { exit: 2 }] }));
    await follower.toTheEnd();
    const events = follower.text("events.jsonl").trim().split("\n").map((line) => JSON.parse(line) as JobEvent); // biome-ignore format: one line
    expect(events.map((event) => event.kind)).toEqual(["claimed", "environment", "started", "ended"]);
    expect(events.at(-1)).toMatchObject({ exitCode: 2, signal: null, because: null, files: { [LOG_FILES.driver]: 6 } });
  });
}

const numbered = (prefix: string, lines: number): string =>
  Array.from({ length: lines }, (_, index) => `${prefix} ${index + 1}\n`).join("");
