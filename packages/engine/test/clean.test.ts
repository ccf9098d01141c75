import { Conflict, NotFound } from "@switchyard/protocol";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { eventually, World } from "./support/world.ts";

let world: World;
beforeEach(async () => {
  world = await World.make();
});
afterEach(() => world.close());

const KEEPS = { keepRunDirectoriesSeconds: 3600, keepLostRunDirectoriesSeconds: 3600 };

describe("what an ended run left on its compute", () => {
  it("goes before its time when that is wished, also by way of a server that does not look after the run", async () => {
    const owner = world.engine(KEEPS, { instance: "owner" });
    const { id } = await world.submit(owner);
    const job = await eventually(async () => world.compute.jobs.get(id));
    job.run();
    await expect(owner.clean(id)).rejects.toThrow(Conflict);
    await expect(owner.clean("nobody")).rejects.toThrow(NotFound);
    job.exit(0);
    await world.ended(id);
    const other = world.engine(KEEPS, { instance: "other" });
    expect([job.removed, await other.clean(id)]).toEqual([false, [id]]);
    await world.until(id, (run) => run.removedAt !== null);
    expect([job.removed, await other.clean(id)]).toEqual([true, []]);
    const told = (await world.store.runs.timeline(id)).filter(({ what }) => what === "clean_requested");
    expect(told).toHaveLength(1);
  });

  it("of a run that was lost goes as well, stopped first, as soon as its compute answers", async () => {
    const engine = world.engine({ ...KEEPS, lostAfterSeconds: 0.05 });
    const { id } = await world.submit(engine);
    const job = await eventually(async () => world.compute.jobs.get(id));
    job.run();
    await world.until(id, (run) => run.state === "running");
    job.vanish();
    await world.until(id, (run) => run.outcome === "lost");
    await engine.clean(id);
    await world.until(id, (run) => run.removedAt !== null);
  });
});
