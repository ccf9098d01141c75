// Runs on a real Slurm cluster whose nodes are taken away again and again: the engine and the driver together.
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { LocalSite } from "@switchyard/compute/local";
import { createSlurmDriver } from "@switchyard/compute/slurm";
import { type Engine, fixedDrivers, fixedTargets, localTarget } from "@switchyard/engine";
import { COMPUTE_KINDS } from "@switchyard/protocol";
import type { RunRecord } from "@switchyard/store";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { SlurmLab } from "../../packages/compute/src/testing/slurm/index.ts";
import { World } from "../../packages/engine/test/support/world.ts";
import { removeFolder } from "../support/folders.ts";
import { until } from "../support/wait.ts";

const fromRepository = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const LOG = "azureml-logs/80_driver_log.txt";
const PATIENCE_SECONDS = 200;

let cluster: SlurmLab;
let world: World;
let engine: Engine;
const folder = mkdtempSync(join(tmpdir(), "switchyard-slurm-"));
beforeAll(async () => {
  cluster = await SlurmLab.start();
  process.env.SLURM_CONF = cluster.env.SLURM_CONF;
  world = await World.make();
  const site = new LocalSite({
    siteRoot: join(folder, "site"),
    supervisor: fromRepository("packages/compute/supervisor"),
    python: fromRepository("python"),
  });
  const driver = createSlurmDriver({ partition: "main", settleSeconds: 1 }, site);
  const target = { ...localTarget(50, driver.name), name: "hpc", type: "amlcompute", capabilities: COMPUTE_KINDS.amlcompute.capabilities };
  engine = world.engine({ minLookMs: 100, maxLookMs: 500 }, { drivers: fixedDrivers([driver]), targets: fixedTargets([target]) });
});
afterAll(async () => {
  await world?.close();
  await cluster?.close();
  await removeFolder(folder);
});

/** Ends in its third attempt; before that it saves a checkpoint, then waits. */
const SCRIPT = `import os, pathlib, time
attempt = os.environ["SWITCHYARD_ATTEMPT"]
saved = pathlib.Path(os.environ.get("SWITCHYARD_RESUME_FROM", "nowhere"), "last")
last = saved.read_text() if saved.exists() else "nothing"
pathlib.Path("checkpoints/last").write_text(attempt)
print("attempt", attempt, "after", last, flush=True)  # with this word it may be taken away
while attempt != "3": time.sleep(0.5)
`;

describe("ten runs on a Slurm cluster", () => {
  it("all complete although they are preempted twenty times", async () => {
    const ids: string[] = [];
    for (let run = 0; run < 10; run += 1) {
      const submission = await world.submission({ target: "hpc" }, { "train.py": SCRIPT });
      ids.push((await engine.submit("default", submission, { submittedBy: "tester" })).id);
    }
    for (const attempt of [1, 2]) {
      await all(ids, `is in attempt ${attempt}`, (run) => run.attempts.at(-1)?.number === attempt && run.state === "running");
      // running is not begun: a script that has not said a word yet has nothing to save
      await until(PATIENCE_SECONDS, "every script has begun", async () =>
        (await Promise.all(ids.map((id) => world.text(id, `attempts/${attempt}/${LOG}`).catch(() => "")))).every((text) => text !== ""),
      );
      await cluster.run("sbatch", "--partition=urgent", "--nodes=3", "--exclusive", "--output=/dev/null", "--wrap=true");
      await all(ids, "was preempted", (run) => run.attempts.find((each) => each.number === attempt)?.because === "preempted");
    }
    await all(ids, "has ended", (run) => run.state === "ended");
    for (const id of ids) {
      const run = await world.run(id);
      expect(run).toMatchObject({ outcome: "succeeded", error: null, launches: 1 });
      expect(run.attempts).toMatchObject([{ because: "preempted" }, { because: "preempted" }, { because: null, exitCode: 0 }]);
      expect(await Promise.all([1, 2, 3].map((attempt) => world.text(id, `attempts/${attempt}/${LOG}`)))).toEqual([
        "attempt 1 after nothing\n",
        "attempt 2 after 1\n",
        "attempt 3 after 2\n",
      ]);
    }
  }, 800_000);
});

const all = (ids: readonly string[], what: string, isSo: (run: RunRecord) => boolean) =>
  until(PATIENCE_SECONDS, `every run ${what}`, async () => (await Promise.all(ids.map((id) => world.run(id)))).every(isSo));
