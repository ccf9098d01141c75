import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ComputeDriver } from "@switchyard/compute";
import { createSshDriver } from "@switchyard/compute/ssh";
import { bundleOf, Follower, Gate, type SshHost, type SshHostOptions, SshLab, until } from "@switchyard/compute/testing";
import { ComputeUnreachable, DiskFull } from "@switchyard/protocol";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { TOOLS } from "../localLab.ts";

let lab: SshLab;
let gate: Gate;
beforeAll(async () => {
  lab = await SshLab.start(0);
});
beforeEach(() => {
  gate = new Gate();
});
afterEach(() => gate.close());
afterAll(() => lab?.close());

const signal = () => AbortSignal.timeout(100_000);
const driverOf = (host: SshHost): ComputeDriver => createSshDriver(host.settings(), TOOLS);
const machine = async (options?: SshHostOptions): Promise<[SshHost, ComputeDriver]> => {
  const host = await lab.add(options);
  return [host, driverOf(host)];
};

describe("a machine that cannot take jobs", () => {
  it("is full: says so when it is checked and when a job comes", async () => {
    const [, driver] = await machine({ home: "full" });
    expect(await driver.check(signal())).toMatchObject({ ok: false, because: expect.stringMatching(/no space left.*Free some/i) });
    await expect(driver.start(bundleOf(), signal())).rejects.toThrow(DiskFull);
  });

  it("has a home that cannot be written", async () => {
    const [, driver] = await machine({ home: "read-only" });
    expect(await driver.check(signal())).toMatchObject({
      ok: false,
      because: expect.stringMatching(/cannot be written.*Mount it writable/i),
    });
    await expect(driver.start(bundleOf(), signal())).rejects.toThrow(/cannot be written/);
  });

  it.each([["tar"], ["sort"]])("has no %s", async (tool) => {
    const [, driver] = await machine({ tools: (name) => name !== tool });
    expect(await driver.check(signal())).toMatchObject({
      ok: false,
      because: expect.stringMatching(new RegExp(`no ${tool} on its PATH. Install`)),
    });
    await expect(driver.start(bundleOf(), signal())).rejects.toThrow(`no ${tool}`);
  });

  it("has no shell on its PATH", async () => {
    const [, driver] = await machine({ tools: (name) => name !== "sh" });
    expect(await driver.check(signal())).toMatchObject({ ok: false, because: expect.stringMatching(/no POSIX shell/) });
  });

  it("has a place that belongs to somebody else", async () => {
    const host = await lab.add();
    const driver = createSshDriver(host.settings(undefined, { siteRoot: "/usr/switchyard" }), TOOLS);
    expect(await driver.check(signal())).toMatchObject({
      ok: false,
      because: expect.stringMatching(/\/usr\/switchyard.*Permission denied/),
    });
    await expect(driver.start(bundleOf(), signal())).rejects.toThrow(ComputeUnreachable);
  });

  it("fills up while a snapshot is sent, and takes the job once there is room", async () => {
    const [, driver] = await machine({ home: "small" });
    const files = { "big.bin": new Uint8Array(12_000_000).fill(7) };
    await expect(driver.start(bundleOf({ files }), signal())).rejects.toThrow(/No space is left below .*Free some/);
    const follower = new Follower(driver, await driver.start(bundleOf({ acts: [{ say: "small" }] }), signal()));
    expect(await follower.toTheEnd()).toMatchObject({ exitCode: 0 });
    expect(await driver.check(signal())).toMatchObject({ ok: false, because: expect.stringContaining("MiB are free") });
  });
});

describe("a machine that is odd", () => {
  it("has no Python: takes jobs, and says what that means", async () => {
    const [, driver] = await machine({ tools: (name) => !name.startsWith("python") });
    expect(await driver.check(signal())).toMatchObject({ ok: true, note: expect.stringContaining("No python3") });
  });

  it.each([
    ["Python", {}],
    ["no Python", { tools: (name: string) => !name.startsWith("python") }],
  ])("has a clock that is off by a day (%s): runs jobs, and tells by how much", async (_name, options) => {
    const faketime = "/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1";
    if (!existsSync(faketime)) throw new Error("These tests need libfaketime. Install it: apt-get install libfaketime.");
    const [, driver] = await machine({ ...options, environment: { LD_PRELOAD: faketime, FAKETIME: "-1d" } });
    expect(await driver.check(signal())).toMatchObject({ ok: true, note: expect.stringMatching(/24 hours behind/) });
    const handle = await driver.start(bundleOf({ acts: [{ say: "hello" }, { waitFor: gate.path }, { exit: 5 }] }), signal());
    const follower = new Follower(driver, handle);
    await follower.toTheStart();
    const { clockOffsetMs } = await follower.look();
    expect(Math.abs((clockOffsetMs ?? 0) + 86_400_000)).toBeLessThan(5000);
    gate.open();
    expect(await follower.toTheEnd()).toMatchObject({ exitCode: 5 });
  });

  it("prints when it starts a shell: no byte of that comes home", async () => {
    const noise = "echo Welcome to vm; printf 'no line end'; echo oops >&2\n";
    const [, driver] = await machine({ shell: "/bin/bash", files: { ".bashrc": noise, ".profile": noise } });
    const follower = new Follower(
      driver,
      await driver.start(bundleOf({ acts: [{ say: "hello" }, { write: { path: "outputs/a.txt", text: "abc" } }] }), signal()),
    );
    await follower.toTheEnd();
    expect(follower.text("azureml-logs/80_driver_log.txt")).toBe("hello\n");
  });

  it("lets only one channel be open at a time", async () => {
    const [, driver] = await machine({ config: ["MaxSessions 1"] });
    const bundles = [1, 2, 3].map((number) =>
      bundleOf({ acts: [{ say: `${number}` }, { write: { path: "outputs/n.txt", text: `${number}` } }] }),
    );
    const handles = await Promise.all(bundles.map((bundle) => driver.start(bundle, signal())));
    for (const handle of handles) {
      expect(await new Follower(driver, handle).toTheEnd()).toMatchObject({ exitCode: 0 });
      expect(await driver.manifest(handle, signal())).toHaveLength(1);
    }
  });
});

describe("a machine that goes away", () => {
  it("is switched off: unreachable, never failed", async () => {
    const [host, driver] = await machine();
    const follower = new Follower(driver, await driver.start(bundleOf({ acts: [{ waitFor: gate.path }] }), signal()));
    await follower.toTheStart();
    await host.powerOff();
    await expect(follower.look()).rejects.toThrow(ComputeUnreachable);
    await expect(driver.manifest({ driver: "ssh", version: 1, jobId: "x", ref: {} }, signal())).rejects.toThrow(ComputeUnreachable);
    await host.startServer();
    // Its processes are gone, and that is now known.
    expect(await follower.toTheEnd()).toMatchObject({ exitCode: null, because: "unknown" });
  });

  it("hangs: unreachable within a few seconds, and goes on where it was", async () => {
    const [host, driver] = await machine();
    const follower = new Follower(
      driver,
      await driver.start(bundleOf({ acts: [{ say: "before" }, { waitFor: gate.path }, { say: "after" }] }), signal()),
    );
    await follower.toTheStart();
    const thaw = await host.freeze();
    const beganMs = performance.now();
    await expect(follower.look()).rejects.toThrow(ComputeUnreachable);
    expect(performance.now() - beganMs).toBeLessThan(60_000);
    await thaw();
    gate.open();
    expect(await follower.toTheEnd()).toMatchObject({ exitCode: 0 });
    expect(follower.text("azureml-logs/80_driver_log.txt")).toBe("before\nafter\n");
  });

  it("loses its sshd: jobs go on, and are found again over a new connection", async () => {
    const [host, driver] = await machine();
    const follower = new Follower(
      driver,
      await driver.start(bundleOf({ acts: [{ sayMany: { prefix: "line", lines: 1000 } }, { waitFor: gate.path }, { exit: 3 }] }), signal()),
    );
    await follower.toTheStart();
    await host.stopServer();
    await expect(follower.look()).rejects.toThrow(ComputeUnreachable);
    gate.open();
    await host.startServer();
    expect(await follower.toTheEnd()).toMatchObject({ exitCode: 3 });
    expect(follower.text("azureml-logs/80_driver_log.txt").split("\n")).toHaveLength(1001);
  });

  it("was another machine all the time: says so and loses no job", async () => {
    const [host, driver] = await machine();
    const handle = await driver.start(bundleOf({ acts: [{ waitFor: gate.path }] }), signal());
    await new Follower(driver, handle).toTheStart();
    // The same address and key, another disk: as when a home is not mounted.
    writeFileSync(join(host.home, ".switchyard/site/id"), "0123456789abcdef\n");
    const other = createSshDriver(host.settings(lab.auth("password")), TOOLS);
    await expect(other.observe([{ handle, cursors: [] }], 0, signal())).rejects.toThrow(ComputeUnreachable);
    gate.open();
  });

  it("is gone in the middle of a snapshot: what was sent is not sent again", async () => {
    const [host, driver] = await machine();
    const parts = Object.fromEntries([1, 2, 3, 4].map((number) => [`part-${number}.bin`, new Uint8Array(70_000_000).fill(number)]));
    const bundle = bundleOf({ acts: [{ exit: 0 }], files: parts });
    const stopped = Promise.withResolvers<void>(); // the last part waits for it, or all would be there on a busy machine
    const slow = { ...bundle, code: () => heldBack(bundle.code(), "part-4.bin", stopped.promise) };
    const starting = driver.start(slow, AbortSignal.timeout(60_000));
    const spares = join(host.home, ".switchyard/site/spare");
    const arrived = () =>
      existsSync(spares) ? readdirSync(spares).filter((name) => statSync(join(spares, name)).size > 1_000_000).length : 0;
    await until("a first part has arrived", () => arrived() > 0);
    await host.stopServer();
    stopped.resolve();
    await expect(starting).rejects.toThrow(ComputeUnreachable);
    const kept = arrived();
    expect(existsSync(host.directoryOf(bundle.id))).toBe(false);
    await host.startServer();
    let sent = 0;
    const counting = { ...bundle, code: () => counted(bundle.code(), (bytes) => { sent += bytes; }) }; // biome-ignore format: one line
    const follower = new Follower(driver, await driver.start(counting, AbortSignal.timeout(60_000)));
    expect(await follower.toTheEnd()).toMatchObject({ exitCode: 0 });
    expect(sent).toBeLessThanOrEqual((4 - kept) * 70_000_000 + 10_000);
    expect(readFileSync(join(host.directoryOf(bundle.id), "code/part-3.bin")).every((byte) => byte === 3)).toBe(true);
  });
});

/** The same entries; the bytes of one of them come only once `until` is over. */
async function* heldBack(
  entries: ReturnType<ReturnType<typeof bundleOf>["code"]>,
  path: string,
  until: Promise<void>,
): ReturnType<ReturnType<typeof bundleOf>["code"]> {
  for await (const entry of entries) {
    if (entry.kind !== "file" || entry.path !== path) yield entry;
    else {
      const read = async function* () {
        await until;
        yield* entry.read();
      };
      yield { ...entry, read };
    }
  }
}

async function* counted(
  entries: ReturnType<ReturnType<typeof bundleOf>["code"]>,
  count: (bytes: number) => void,
): ReturnType<ReturnType<typeof bundleOf>["code"]> {
  for await (const entry of entries) {
    if (entry.kind !== "file") yield entry;
    else {
      const read = async function* () {
        for await (const bytes of entry.read()) {
          count(bytes.length);
          yield bytes;
        }
      };
      yield { ...entry, read };
    }
  }
}
