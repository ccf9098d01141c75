import { expect, it } from "vitest";
import type { JobHandle } from "../../contract.ts";
import { bundleOf } from "../bundle.ts";
import type { DriverTest } from "../describeDriver.ts";
import { Follower } from "../follow.ts";

/** What a driver promises about the files that a job leaves. */
export function promiseOutputs(test: DriverTest): void {
  const ended = async (handle: JobHandle): Promise<JobHandle> => {
    await new Follower(test.driver, handle).toTheEnd();
    return handle;
  };

  it("lists what the job left and reads it from any byte on", async () => {
    const acts = [
      { write: { path: "outputs/model.txt", text: "0123456789" } },
      { write: { path: "outputs/deep/er/empty.txt", text: "" } },
      { write: { path: "checkpoints/last.txt", text: "epoch 3" } },
    ];
    const handle = await ended(await test.start(bundleOf({ acts })));
    const files = await test.driver.manifest(handle, test.signal);
    expect(Object.fromEntries(files.map((file) => [file.path, file.size]))).toEqual({
      "outputs/model.txt": 10,
      "outputs/deep/er/empty.txt": 0,
      "checkpoints/last.txt": 7,
    });
    expect(files.every((file) => file.skipped === null)).toBe(true);
    for (const from of [0, 1, 9, 10]) {
      expect(await textOf(test.driver.read(handle, "outputs/model.txt", from, test.signal))).toBe("0123456789".slice(from));
    }
  });

  it("lists what a script handed over by name, its children's too, whatever the collected folders", async () => {
    const acts = [
      { write: { path: "../uploads/plot.png", text: "png" } },
      { write: { path: "../uploads/logs/extra.txt", text: "extra" } },
      { write: { path: "../children/child_1/outputs/model.txt", text: "model" } },
      { write: { path: "../children/child_1/uploads/a/b.txt", text: "b" } },
    ];
    const handle = await ended(await test.start(bundleOf({ acts, job: { collect: [] } })));
    const files = await test.driver.manifest(handle, test.signal);
    expect(files.map((file) => file.path).sort()).toEqual([
      "children/child_1/outputs/model.txt",
      "children/child_1/uploads/a/b.txt",
      "uploads/logs/extra.txt",
      "uploads/plot.png",
    ]);
    expect(await textOf(test.driver.read(handle, "children/child_1/uploads/a/b.txt", 0, test.signal))).toBe("b");
  });

  it("lists nothing for a job that left nothing", async () => {
    const handle = await ended(await test.start(bundleOf({ acts: [] })));
    expect(await test.driver.manifest(handle, test.signal)).toEqual([]);
  });

  it("refuses to read beyond the end, what is not there, and what is no output", async () => {
    const handle = await ended(await test.start(bundleOf({ acts: [{ write: { path: "outputs/a.txt", text: "abc" } }] })));
    for (const [path, from] of [
      ["outputs/a.txt", 4],
      ["outputs/b.txt", 0],
      ["outputs/../.switchyard/secret.sh", 0],
      [".switchyard/secret.sh", 0],
      ["/etc/passwd", 0],
      ["", 0],
    ] as const) {
      await expect(textOf(test.driver.read(handle, path, from, test.signal)), path).rejects.toThrow();
    }
  });
}

async function textOf(bytes: AsyncIterable<Uint8Array>): Promise<string> {
  const pieces: Uint8Array[] = [];
  for await (const piece of bytes) pieces.push(piece);
  return Buffer.concat(pieces).toString("utf8");
}
