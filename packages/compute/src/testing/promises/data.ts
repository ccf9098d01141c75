import { lstatSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { JobData } from "@switchyard/protocol";
import { expect, it } from "vitest";
import { bundleOf } from "../bundle.ts";
import type { DriverTest } from "../describeDriver.ts";

const input = (path: string, more: Partial<JobData> = {}): JobData => ({
  path: `data/${path}`,
  make: false,
  variables: [`IN_${path.split("/")[0]}`],
  words: [`@${path.split("/")[0]}`],
  link: null,
  ...more,
});
const output = (name: string, more: Partial<JobData> = {}): JobData => ({ ...input(name, more), path: `dataoutputs/${name}`, make: true });

/** What a driver promises of data, whose jobs are directories and processes of this machine. */
export function promiseData(test: DriverTest): void {
  const said = async (script: string, data: JobData[], files: Record<string, string>, more: object = {}) => {
    const job = {
      data,
      command: { kind: "command" as const, argv: ["sh", "script.sh", ...data.map(({ words }) => `${words[0]}`), "@@none"] },
    };
    const follower = await test.follow(bundleOf({ script, data: asMounted(files), job, ...more }));
    const ended = await follower.toTheEnd();
    return { ended, handle: follower.handle, log: follower.text("azureml-logs/80_driver_log.txt") };
  };

  it("gives a job its data beside its code, and tells the script where", async () => {
    const script = 'cat "$1/a.txt" "$IN_set/deep/b.txt" "$2"; printf "%s" "$3|$(cd "$1/.." && ls)|" && cat "inputs/here/a.txt"';
    const data = [input("set", { link: "inputs/here" }), input("one/file.csv")];
    const { log, handle } = await said(script, data, { "set/a.txt": "A", "set/deep/b.txt": "B", "one/file.csv": "x\n" });
    expect(log).toBe("ABx\n@@none|one\nset|A");
    const { directoryOf } = test.lab;
    if (directoryOf === undefined) return;
    expect(lstatSync(join(directoryOf(handle), "data/set/a.txt")).mode & 0o777).toBe(0o444);
  });

  it("gives every job files of its own, whatever another one did to its", async () => {
    const files = { "set/a.txt": "as it was" };
    const spoil = 'chmod 644 "$1/a.txt" && echo spoiled > "$1/a.txt"';
    await said(spoil, [input("set")], files);
    const { log } = await said('cat "$1/a.txt"', [input("set")], files);
    expect(log).toBe("as it was");
  });

  it("makes the folders of outputs, shows them where the script wants them, and lists what is in them", async () => {
    const script = 'echo r > "$1/r.txt" && mkdir "$1/deep" && echo d > made/by/d.txt';
    const { handle } = await said(script, [output("res"), output("other", { link: "made/by" })], {});
    const files = await test.driver.manifest(handle, test.signal);
    expect(files.map(({ path }) => path).sort()).toEqual(["dataoutputs/other/d.txt", "dataoutputs/res/r.txt"]);
  });

  it("ends a job that cannot have its data where it wants it, and says why", async () => {
    const { ended, log } = await said("echo never", [input("set", { link: "script.sh" })], { "set/a.txt": "A" });
    expect(ended).toMatchObject({ exitCode: 1 });
    expect(log).toMatch(/^Switchyard: data cannot be shown at .*script.sh: something is there already/);
  });

  it("gives a later attempt what earlier ones saved", async () => {
    const checkpoints = { "epoch/3.pt": "weights" };
    const follower = await test.follow(bundleOf({ script: "cat checkpoints/epoch/3.pt", checkpoints, firstAttempt: 2 }));
    await follower.toTheEnd();
    expect(follower.text("azureml-logs/80_driver_log.txt", 2)).toBe("weights");
    const { directoryOf } = test.lab;
    if (directoryOf === undefined) return;
    expect(readFileSync(join(directoryOf(follower.handle), "checkpoints/epoch/3.pt"), "utf8")).toBe("weights");
  });
}

const asMounted = (files: Record<string, string>) =>
  Object.fromEntries(Object.entries(files).map(([path, content]) => [path, { content, mode: 0o444 }]));
