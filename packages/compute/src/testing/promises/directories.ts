import { randomUUID } from "node:crypto";
import { existsSync, lstatSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { ChecksumMismatch, PathEscape, SwitchyardError } from "@switchyard/protocol";
import { expect, it } from "vitest";
import type { BundleEntry } from "../../contract.ts";
import { quote } from "../acts.ts";
import { bundleOf, type TestFile } from "../bundle.ts";
import type { DriverTest } from "../describeDriver.ts";
import { Follower, until } from "../follow.ts";

/** What a driver promises whose jobs are directories and processes of this machine, which a test can look at. */
export function promiseDirectories(test: DriverTest): void {
  const whenVisible = (name: string, check: (directoryOf: NonNullable<DriverTest["lab"]["directoryOf"]>) => Promise<void>) =>
    it(name, async () => {
      const { directoryOf } = test.lab;
      if (directoryOf === undefined) throw new Error("A driver that shares the disk needs a lab with directoryOf.");
      await check(directoryOf);
    });

  whenVisible("keeps modes, links and empty folders of the snapshot", async (directoryOf) => {
    const files: Record<string, TestFile> = {
      "run.sh": { content: "#!/bin/sh\n", mode: 0o755 },
      "secret.txt": { content: "x", mode: 0o600 },
      "data/train.csv": "1,2\n",
      "data/closed": { folder: true, mode: 0o555 },
      latest: { link: "data/train.csv" },
      "data/up": { link: "../run.sh" },
      "data/dangling": { link: "not-yet" },
      "name with 'quotes'\n and newline": "odd",
    };
    const code = join(directoryOf(await test.start(bundleOf({ acts: [], files }))), "code");
    expect(lstatSync(join(code, "run.sh")).mode & 0o777).toBe(0o755);
    expect(lstatSync(join(code, "secret.txt")).mode & 0o777).toBe(0o600);
    expect(lstatSync(join(code, "data/closed")).mode & 0o777).toBe(0o555);
    expect(readlinkSync(join(code, "latest"))).toBe("data/train.csv");
    expect(readlinkSync(join(code, "data/up"))).toBe("../run.sh");
    expect(readlinkSync(join(code, "data/dangling"))).toBe("not-yet");
    expect(readFileSync(join(code, "name with 'quotes'\n and newline"), "utf8")).toBe("odd");
  });

  it.for<[string, Record<string, TestFile>]>([
    ["a path that leads upwards", { "../evil": "x" }],
    ["a path that leads upwards in the middle", { "a/../../evil": "x" }],
    ["an absolute path", { "/tmp/switchyard-evil": "x" }],
    ["a link that leads out", { out: { link: "../.." } }],
    ["a link to an absolute path", { out: { link: "/etc/passwd" } }],
    ["a link that leads out from a deeper folder", { "a/b/out": { link: "../../../x" } }],
    ["a link that goes through another and up again", { "a/b/top": { link: "../.." }, out: { link: "a/b/top/.." } }],
  ])("refuses %s, and leaves nothing behind", async ([, files]) => {
    const bundle = bundleOf({ files });
    await expect(test.driver.start(bundle, test.signal)).rejects.toThrow(PathEscape);
    await expectNothingLeft(test, bundle.id);
  });

  whenVisible("refuses an entry below a link and one that comes twice", async () => {
    const link: BundleEntry = { kind: "link", path: "here", target: "there" };
    const folder: BundleEntry = { kind: "folder", path: "there", mode: 0o755 };
    const below: BundleEntry = { kind: "folder", path: "here/evil", mode: 0o755 };
    for (const entries of [
      [folder, link, below],
      [folder, folder],
    ]) {
      const bundle = { ...bundleOf({}), code: async function* () { yield* entries; } }; // biome-ignore format: one line
      await expect(test.driver.start(bundle, test.signal)).rejects.toThrow(SwitchyardError);
      await expectNothingLeft(test, bundle.id);
    }
  });

  whenVisible("refuses bytes that are not those of the snapshot, and can start the job afterwards", async () => {
    const files = { "data.bin": { content: "tampered", sha256: "0".repeat(64) } };
    const bundle = bundleOf({ acts: [{ say: "good" }], files });
    await expect(test.driver.start(bundle, test.signal)).rejects.toThrow(ChecksumMismatch);
    await expectNothingLeft(test, bundle.id);
    expect(await (await test.follow(bundleOf({ id: bundle.id, acts: [{ exit: 0 }] }))).toTheEnd()).toMatchObject({ exitCode: 0 });
  });

  whenVisible("refuses a job id that is not one plain name", async () => {
    for (const id of ["../evil", "a/b", "", ".hidden", "x".repeat(300)]) {
      await expect(test.driver.start(bundleOf({ id }), test.signal), id).rejects.toThrow(PathEscape);
    }
  });

  whenVisible("gives secrets to the script and to no file but secret.sh", async (directoryOf) => {
    const secret = "hush-'quoted'-\"$HOME\"-4711";
    const script = 'test "$TOKEN" = "$EXPECTED" && echo equal; echo "$PLAIN"';
    const expected = `hush-'quoted'-"$HOME"-4711`.replace("hush", "hu"); // not the secret itself, which must be in no file
    const bundle = bundleOf({
      script: script.replace('"$EXPECTED"', `hu"sh"${quote(expected.slice(2))}`),
      secrets: { TOKEN: secret },
      variables: { PLAIN: "it's plain" },
    });
    const handle = await test.start(bundle);
    const follower = new Follower(test.driver, handle);
    await follower.toTheEnd();
    expect(follower.text(bundle.job.logs.driver)).toBe("equal\nit's plain\n");
    const directory = directoryOf(handle);
    const holders = filesBelow(directory).filter((file) => readFileSync(join(directory, file), "utf8").includes("hush"));
    expect(holders).toEqual([".switchyard/secret.sh"]);
    expect(lstatSync(join(directory, ".switchyard/secret.sh")).mode & 0o777).toBe(0o600);
    expect(lstatSync(directory).mode & 0o777).toBe(0o700);
  });

  whenVisible("ends grandchildren that do not listen to TERM when it cancels", async (directoryOf) => {
    // a container has numbers of its own for its processes, so they are told by a word on their command line
    const word = randomUUID();
    const stubborn = `sh -c 'trap "" TERM; : > stubborn; while :; do sleep 0.05; done' ${word}`;
    const script = `(trap "" TERM; : > ignored; exec ${stubborn}) & ${stubborn} & wait`;
    const handle = await test.start(bundleOf({ script }));
    const files = ["ignored", "stubborn"].map((name) => join(directoryOf(handle), "code", name));
    await until("both grandchildren run", () => files.every((file) => existsSync(file)) && livingWith(word) >= 2);
    await test.driver.cancel(handle, 0.2, test.signal);
    expect(await new Follower(test.driver, handle).toTheEnd()).toMatchObject({ because: "canceled" });
    // what was killed may take a moment to be gone
    await until("no grandchild is left", () => livingWith(word) === 0);
  });

  whenVisible("names what it cannot bring home, and why", async () => {
    const script = "cd outputs; echo x > plain; ln -s /etc/passwd link; mkfifo pipe; mkdir sub; ln -s .. sub/loop";
    const handle = await test.start(bundleOf({ script }));
    await new Follower(test.driver, handle).toTheEnd();
    const files = await test.driver.manifest(handle, test.signal);
    expect(files.filter((file) => file.skipped === null).map((file) => file.path)).toEqual(["outputs/plain"]);
    expect(files.filter((file) => file.skipped !== null).map((file) => file.path)).toEqual([
      "outputs/link",
      "outputs/pipe",
      "outputs/sub/loop",
    ]);
    for (const path of ["outputs/link", "outputs/pipe", "outputs/sub/loop/plain"]) {
      await expect(test.driver.read(handle, path, 0, test.signal)[Symbol.asyncIterator]().next(), path).rejects.toThrow();
    }
  });

  whenVisible("brings home what the script writes into logs and other watched folders while it runs", async () => {
    const script = `mkdir -p logs/deep; echo one | tee logs/deep/a.txt > tb/run.1; while [ ! -e ${quote(test.gate.path)} ]; do sleep 0.02; done; echo two | tee -a logs/deep/a.txt >> tb/run.1`;
    const follower = await test.follow(bundleOf({ script, job: { watch: ["logs", "tb"] } }));
    const watched = () => [follower.text("logs/deep/a.txt"), follower.text("tb/run.1")];
    await until("the first line is there", async () => {
      await follower.look();
      return watched().every((text) => text === "one\n");
    });
    test.gate.open();
    await follower.toTheEnd();
    expect(watched()).toEqual(["one\ntwo\n", "one\ntwo\n"]);
  });
}

async function expectNothingLeft(test: DriverTest, jobId: string): Promise<void> {
  const directory = test.lab.directoryOf?.({ driver: "", version: 1, jobId, ref: {} }) ?? "";
  expect(() => lstatSync(directory)).toThrow("ENOENT");
  const staging = join(directory, "../../staging");
  // another machine notices a little later that nobody sends any more
  await until("nothing is left half written", () => readdirSync(staging).length === 0);
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true }).flatMap((entry) =>
    entry.isFile() ? [join(entry.parentPath, entry.name).slice(folder.length + 1)] : [],
  );
}

/** How many living processes have the word on their command line; a zombie has none. */
function livingWith(word: string): number {
  const commandOf = (pid: string) => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, "utf8");
    } catch {
      return "";
    }
  };
  return readdirSync("/proc").filter((name) => /^\d+$/.test(name) && commandOf(name).includes(word)).length;
}
