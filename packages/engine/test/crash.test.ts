import { FAIL_POINTS, type FailPointName, onFailPoint } from "@switchyard/protocol";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { eventually, World } from "./support/world.ts";

/** Places that lie in drivers, sites and storages; their own suites kill there. */
const ELSEWHERE = /^(stage|blob|submit)\.|^start\.after-launch$/;

let world: World;
beforeEach(async () => {
  world = await World.make();
});
afterEach(async () => {
  onFailPoint(undefined);
  await world.close();
});

class Killed extends Error {}

/** From the `nth` time at this place on, nothing of the process goes on: every later place throws, too. */
function dieAt(place: FailPointName, nth: number): { died: Promise<void>; revive(): void } {
  const died = Promise.withResolvers<void>();
  let times = 0;
  let dead = false;
  onFailPoint((name) => {
    if (name === place) times += 1;
    if (dead || (name === place && times >= nth)) {
      dead = true;
      died.resolve();
      throw new Killed(`killed at ${name}`);
    }
  });
  return { died: died.promise, revive: () => onFailPoint(undefined) };
}

const LINES = 200;

describe("a server that dies", () => {
  for (const place of FAIL_POINTS.filter((name) => !ELSEWHERE.test(name))) {
    for (const nth of [1, 2]) {
      it(`at ${place}, time ${nth}, takes everything exactly once after its restart`, async () => {
        const first = world.engine();
        const death = dieAt(place, nth);
        const { id: submitted } = await world.submit(first);
        const played = play(submitted);
        // A place that is not reached so often is no death: the run ends, and nothing is to be taken twice all the same.
        const removed = world.until(submitted, (run) => run.removedAt !== null);
        await Promise.race([death.died, removed]);
        if (nth === 1) await death.died;
        await first.stop();
        death.revive();
        world.engine();
        await played;
        const run = await world.ended(submitted);
        expect(run).toMatchObject({ outcome: "succeeded", warnings: [] });
        expect(run.attempts).toHaveLength(1);
        await expectOnce(submitted);
        await removed;
      });
    }
  }

  /** Plays the machine: logs and metrics in several gulps, two outputs, then the end. */
  async function play(id: string): Promise<void> {
    const job = await eventually(async () => world.compute.jobs.get(id));
    job.run();
    for (let n = 1; n <= LINES; n += 1) {
      job.say(`line ${n}`).journal("main", { n, t: n, k: "m", name: "loss", v: n });
      if (n % 50 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    job.output("outputs/a.txt", "a".repeat(100_000)).output("outputs/b.txt", "b".repeat(100_000)).exit(0);
  }

  async function expectOnce(id: string): Promise<void> {
    const numbers = Array.from({ length: LINES }, (_, index) => index + 1);
    expect(await world.text(id, "attempts/1/azureml-logs/80_driver_log.txt")).toBe(numbers.map((n) => `line ${n}\n`).join(""));
    expect((await world.store.metrics.points(id, "loss", {}))?.values).toEqual(numbers);
    expect(await world.text(id, "outputs/a.txt")).toBe("a".repeat(100_000));
    expect(await world.text(id, "outputs/b.txt")).toBe("b".repeat(100_000));
    const ends = (await world.store.runs.timeline(id)).filter((entry) => entry.what === "ended");
    expect(ends).toHaveLength(1);
  }
});
