import { Conflict } from "@switchyard/protocol";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { destinationOf } from "../src/runs/destination.ts";
import { eventually, World } from "./support/world.ts";

let world: World;
beforeEach(async () => {
  world = await World.make();
});
afterEach(() => world.close());

const CHILD = (n: number, child: string, run?: string) => ({
  n,
  t: 1,
  k: "child",
  child,
  name: null,
  ...(run === undefined ? {} : { run }),
});

describe("files that a script hands over by name", () => {
  it("belong to the run or the child that they were given to", () => {
    const at = (path: string) => destinationOf("r", path);
    expect(at("outputs/a/b")).toEqual({ runId: "r", path: "outputs/a/b" });
    expect(at("uploads/a/b")).toEqual({ runId: "r", path: "a/b" });
    expect(at("children/c/outputs/a")).toEqual({ runId: "c", path: "outputs/a" });
    expect(at("children/c/children/d/uploads/a")).toEqual({ runId: "d", path: "a" });
    for (const path of ["uploads", "children/c", "children/c/uploads", "children/c/code/a", "children/a"])
      expect(at(path), path).toBeNull();
  });

  it("come home under their names, those of children to the children", async () => {
    const engine = world.engine();
    const { id } = await world.submit(engine);
    const job = await eventually(async () => world.compute.jobs.get(id));
    job.run().journal("main", CHILD(1, "kid"), CHILD(2, "grandkid", "kid"));
    job.output("uploads/plot.png", "png").output("children/kid/outputs/model", "m").output("children/kid/uploads/notes.txt", "n");
    job.output("children/kid/children/grandkid/uploads/deep.txt", "d").exit(0);
    expect(await world.ended(id)).toMatchObject({ outcome: "succeeded", warnings: [] });
    expect(await world.text(id, "plot.png")).toBe("png");
    expect(await world.text("kid", "outputs/model")).toBe("m");
    expect(await world.text("kid", "notes.txt")).toBe("n");
    expect(await world.text("grandkid", "deep.txt")).toBe("d");
    expect((await engine.listFiles(id)).map((file) => file.path)).toContain("plot.png");
  });

  it("are added to the files of a run above; the first of a name stays", async () => {
    const engine = world.engine();
    const submit = async (more: object) =>
      await engine.submit("default", { ...(await world.submission({})), ...more }, { submittedBy: "tester" });
    await submit({ runId: "above" });
    const kids = ["kid_1", "kid_2"];
    for (const runId of kids) await submit({ runId, parentRunId: "above" });
    for (const id of kids) {
      const job = await eventually(async () => world.compute.jobs.get(id));
      job.run().output("children/above/uploads/shared.txt", id).output(`children/above/outputs/${id}`, "own");
      job.output("children/above/uploads/attempts/1/logs/x", "no").exit(0);
      await world.ended(id);
    }
    const names = (await engine.listFiles("above")).map((file) => file.path);
    expect(names.filter((name) => /kid|shared/.test(name)).sort()).toEqual(["outputs/kid_1", "outputs/kid_2", "shared.txt"]);
    expect(await world.text("above", "shared.txt")).toBe("kid_1");
    const { outcome, warnings } = await world.ended("kid_2");
    expect(outcome).toBe("succeeded");
    expect(warnings.join()).toContain('"children/above/uploads/shared.txt" was not brought home: run above has another file of this name');
    expect(warnings.join()).toContain("the names below attempts/");
  });

  it("are left out with a warning when they would hide a log or belong to somebody else's run", async () => {
    const engine = world.engine();
    const other = await world.submit(engine, [{ exit: 0 }]);
    await world.ended(other.id);
    const { id } = await world.submit(engine);
    const job = await eventually(async () => world.compute.jobs.get(id));
    job.run().write("logs/train.txt", "the log").output("uploads/logs/train.txt", "no").output("uploads/attempts/1/logs/x", "no");
    job
      .output(`children/${other.id}/outputs/theirs`, "no")
      .output("children/nobody/uploads/a", "no")
      .output("children/stray", "no")
      .exit(0);
    const { outcome, warnings } = await world.ended(id);
    expect(outcome).toBe("succeeded");
    expect([...warnings].sort()).toEqual([
      '"children/nobody/uploads/a" was not brought home: run "nobody" is neither below this run nor above it.',
      '"children/stray" was not brought home: it belongs to no run.',
      `"children/${other.id}/outputs/theirs" was not brought home: run "${other.id}" is neither below this run nor above it.`,
      '"uploads/attempts/1/logs/x" was not brought home: the names below attempts/ are for what a run\'s machine sends.',
      '"uploads/logs/train.txt" was not brought home: the run has a log "logs/train.txt". Choose another name for the upload.',
    ]);
    expect(await world.text(id, "attempts/1/logs/train.txt")).toBe("the log");
    expect((await engine.listFiles(other.id)).map((file) => file.path)).not.toContain("outputs/theirs");
  });
});

describe("files that do not want to come home", () => {
  it("do not keep the run from ending: a name that cannot be kept, a file that cannot be read", async () => {
    const engine = world.engine({ drainSeconds: 0.05 });
    const { id } = await world.submit(engine);
    const job = await eventually(async () => world.compute.jobs.get(id));
    world.compute.fail("read", ...Array.from({ length: 200 }, () => new Conflict("permission denied")));
    job
      .run()
      .output(`outputs/${"x".repeat(300)}`, "long")
      .output("outputs/locked", "secret")
      .exit(0);
    const { outcome, warnings } = await world.ended(id);
    expect(outcome).toBe("succeeded");
    expect(warnings.join("\n")).toContain("its name cannot be kept");
    expect(warnings.join("\n")).toContain('"outputs/locked" was not brought home: it cannot be read (permission denied)');
  });

  it("do not hold up the others", async () => {
    const engine = world.engine();
    const { id } = await world.submit(engine);
    const job = await eventually(async () => world.compute.jobs.get(id));
    world.compute.fail("read", ...Array.from({ length: 20 }, () => new Conflict("permission denied")));
    const names = Array.from({ length: 20 }, (_, index) => `outputs/${index}`);
    job.run();
    for (const name of names) job.output(name, "x");
    job.exit(0);
    await world.ended(id);
    const reads = world.compute.calls.filter(({ call }) => call === "read").length;
    expect(reads).toBe(40); // each once in vain, all in the first pass, and once more
  });

  it("are tried again while there is hope", async () => {
    const engine = world.engine();
    const { id } = await world.submit(engine);
    const job = await eventually(async () => world.compute.jobs.get(id));
    world.compute.fail("read", new Conflict("shrank"), new Conflict("shrank"));
    job.run().output("outputs/model", "weights").exit(0);
    expect(await world.ended(id)).toMatchObject({ outcome: "succeeded", warnings: [] });
    expect(await world.text(id, "outputs/model")).toBe("weights");
  });
});
