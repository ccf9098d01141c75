import { existsSync, linkSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ComputeDriver } from "@switchyard/compute";
import { bundleOf, Follower, Gate, until } from "@switchyard/compute/testing";
import { ComputeUnreachable, Conflict, NotFound, onFailPoint, PathEscape } from "@switchyard/protocol";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { LocalLab, TOOLS } from "../localLab.ts";

let lab: LocalLab;
let driver: ComputeDriver;
let gate: Gate;
const signal = () => AbortSignal.timeout(100_000);
beforeEach(async () => {
  lab = new LocalLab();
  driver = await lab.connect();
  gate = new Gate();
});
afterEach(async () => {
  onFailPoint(undefined);
  gate.close();
  await lab.close();
});

const ended = async (options: Parameters<typeof bundleOf>[0]) => {
  const handle = await driver.start(bundleOf(options), signal());
  const follower = new Follower(driver, handle);
  return { handle, follower, seen: await follower.toTheEnd() };
};

describe("the local driver", () => {
  it("says on which host a job is that was started elsewhere, and still looks at its own", async () => {
    const elsewhere = await lab.connect({ host: { name: "gpu-box", id: "another" } });
    const foreign = await elsewhere.start(bundleOf({ acts: [] }), signal());
    await new Follower(elsewhere, foreign).toTheEnd();
    await expect(driver.observe([{ handle: foreign, cursors: [] }], 0, signal())).rejects.toThrow(/host gpu-box/);
    await expect(driver.cancel(foreign, 1, signal())).rejects.toThrow(ComputeUnreachable);
    const { handle } = await ended({ acts: [{ exit: 5 }] });
    const watched = [foreign, handle].map((each) => ({ handle: each, cursors: [] }));
    expect(await driver.observe(watched, 0, signal())).toMatchObject([{ phase: "waiting", because: /gpu-box/ }, { exitCode: 5 }]);
  });

  it("refuses a handle that names another directory than the job's", async () => {
    const { handle } = await ended({ acts: [] });
    for (const dir of [lab.siteRoot, `${lab.siteRoot}/jobs/../jobs/${handle.jobId}`, "/", `/etc/${handle.jobId}`]) {
      await expect(driver.remove({ ...handle, ref: { ...handle.ref, dir } }, signal()), dir).rejects.toThrow(PathEscape);
    }
    await expect(driver.remove({ ...handle, version: 9 }, signal())).rejects.toThrow(/newer/);
  });

  it("does not give its own settings to jobs", async () => {
    process.env.SWITCHYARD_TEST_SECRET = "of the server";
    try {
      const { follower } = await ended({ script: 'echo "[$SWITCHYARD_TEST_SECRET]"' });
      expect(follower.text("azureml-logs/80_driver_log.txt")).toBe("[]\n");
    } finally {
      delete process.env.SWITCHYARD_TEST_SECRET;
    }
  });

  it("gives a later attempt what earlier ones saved, and says where", async () => {
    const script = 'echo "[$SWITCHYARD_RESUME_FROM]"; cat checkpoints/epoch/3.pt "$SWITCHYARD_RESUME_FROM/epoch/3.pt"';
    const saved = { "epoch/3.pt": "weights\n" };
    const { handle, follower } = await ended({ checkpoints: saved, firstAttempt: 2, script });
    const where = join(lab.directoryOf(handle), "checkpoints");
    expect(follower.text("azureml-logs/80_driver_log.txt", 2)).toBe(`[${where}]\nweights\nweights\n`);
    const first = await ended({ script: 'echo "[$SWITCHYARD_RESUME_FROM]"' });
    expect(first.follower.text("azureml-logs/80_driver_log.txt")).toBe("[]\n");
  });

  it("writes down why it stopped a job", async () => {
    const handle = await driver.start(bundleOf({ acts: [{ waitFor: gate.path }] }), signal());
    const follower = new Follower(driver, handle);
    await follower.toTheStart();
    await driver.cancel(handle, 1, signal(), "preempted");
    expect(await follower.toTheEnd()).toMatchObject({ because: "preempted" });
  });

  it("keeps supervisor and Python client once per version, where jobs find them", async () => {
    const first = await ended({ script: 'ls "$SWITCHYARD_JOB_DIR/.switchyard/python"' });
    await ended({ acts: [] });
    expect(readdirSync(join(lab.siteRoot, "toolkits"))).toHaveLength(1);
    const listed = first.follower.text("azureml-logs/80_driver_log.txt").split("\n");
    expect(listed).toContain("azureml");
    expect(listed).not.toContain("tests");
    const supervisor = readFileSync(join(lab.directoryOf(first.handle), ".switchyard/supervise"), "utf8");
    expect(supervisor).toBe(readFileSync(join(TOOLS.supervisor, "supervise"), "utf8"));
  });

  it("copies a blob that lies on this disk, so that a script cannot change it, and reads it when it is gone", async () => {
    const blob = join(lab.folder, "blob");
    writeFileSync(blob, "content");
    linkSync(blob, join(lab.folder, "other-name"));
    const files = { "data.txt": { content: "content", localPath: blob } };
    await ended({ files, script: "echo changed > data.txt" });
    expect(readFileSync(blob, "utf8")).toBe("content");
    rmSync(blob);
    const { handle } = await ended({ files, script: "exit 0" });
    expect(readFileSync(join(lab.directoryOf(handle), "code/data.txt"), "utf8")).toBe("content");
  });

  it("throws away its own copy when another process was faster", async () => {
    const bundle = bundleOf({ acts: [{ say: "mine" }] });
    let isFirst = true;
    onFailPoint((name) => {
      // What one process does just before it renames, the other has done already.
      if (name !== "stage.before-rename" || !isFirst) return;
      isFirst = false;
      mkdirSync(join(lab.directoryOf({ jobId: bundle.id }), "theirs"), { recursive: true });
    });
    await driver.start(bundle, signal()).catch(() => {}); // what the other one staged here cannot be launched
    expect(readdirSync(join(lab.siteRoot, "staging"))).toEqual([]);
    expect(readdirSync(lab.directoryOf({ jobId: bundle.id }))).toEqual(["theirs"]);
  });

  it("says so when a file shrinks while it is read", async () => {
    const { handle } = await ended({ script: "head -c 1000000 /dev/zero > outputs/big" });
    const pieces = driver.read(handle, "outputs/big", 0, signal())[Symbol.asyncIterator]();
    await pieces.next();
    truncateSync(join(lab.directoryOf(handle), "outputs/big"), 300_000);
    const rest = async () => {
      while (!(await pieces.next()).done);
    };
    await expect(rest()).rejects.toThrow(/shrank from 1000000/);
  });

  it("does not remove a job that runs, and removes what may not be written", async () => {
    const bundle = bundleOf({
      script: `mkdir locked; touch locked/file; chmod 555 locked; while [ ! -e '${gate.path}' ]; do sleep 0.02; done`,
    });
    const handle = await driver.start(bundle, signal());
    const follower = new Follower(driver, handle);
    await follower.toTheStart();
    await expect(driver.remove(handle, signal())).rejects.toThrow(Conflict);
    gate.open();
    await follower.toTheEnd();
    await driver.remove(handle, signal());
    expect(existsSync(lab.directoryOf(handle))).toBe(false);
    expect(readdirSync(join(lab.siteRoot, "staging"))).toEqual([]);
    expect(readdirSync(join(lab.siteRoot, "bells"))).toEqual([]);
    await expect(driver.manifest(handle, signal())).rejects.toThrow(NotFound);
  });

  it("keeps the site to its owner", async () => {
    await driver.check(signal());
    expect(statSync(lab.siteRoot).mode & 0o777).toBe(0o700);
  });

  it("deletes what killed servers left half deleted", async () => {
    const left = join(lab.siteRoot, "staging/job.123456.removed");
    mkdirSync(left, { recursive: true });
    await driver.check(signal());
    await until("the leftover is gone", () => !existsSync(left));
  });
});
