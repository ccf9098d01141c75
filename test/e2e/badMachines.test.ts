// Machines behind SSH with something wrong or odd about them, as a person at the command line meets them: when they are
// attached, and when it happens afterwards, to a run.
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type SshHost, type SshHostOptions, SshLab } from "@switchyard/compute/testing";
import type { ComputeTarget, Run, Why } from "@switchyard/protocol";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Desk, problemOf } from "../support/desk.ts";
import { until } from "../support/wait.ts";

const TRAIN = `import os, sys
from azureml.core import Run
Run.get_context().log("loss", 0.25)
os.makedirs("outputs", exist_ok=True)
open("outputs/model.txt", "w").write("model")
print("trained")
`;
const WAIT = `import os, sys, time
print("waiting", flush=True)
end = time.monotonic() + 600
while not os.path.exists(os.environ["HOME"] + "/go") and time.monotonic() < end: time.sleep(0.05)
print("went on", flush=True)
`;

let lab: SshLab;
let desk: Desk;
beforeAll(async () => {
  lab = await SshLab.start(0);
  desk = new Desk({ variables: { SWITCHYARD_NOT_RESPONDING_AFTER_SECONDS: "1", SWITCHYARD_LOST_AFTER_SECONDS: "3" } });
  desk.write("train.py", TRAIN);
  desk.write("wait.py", WAIT);
});
afterAll(async () => {
  await desk?.close();
  await lab?.close();
});

const attach = ({ name, address }: SshHost, key = "id") =>
  desk.switchyard("computetarget", "attach", "remote", "-n", name, "-a", address, "-u", "trainer", "--private-key-file", join(lab.folder, key)); // biome-ignore format: one line
async function attached(options?: SshHostOptions): Promise<SshHost> {
  const host = await lab.add(options);
  expect(await attach(host)).toMatchObject({ code: 0 });
  return host;
}
const detach = ({ name }: SshHost) => desk.switchyard("computetarget", "detach", "-n", name);
const submitted = (host: SshHost, script: string) => desk.json<Run>("submit", "--async", "--target", host.name, script);
const whySays = (run: Run, words: RegExp) => {
  let last = "";
  return until(200, `why says ${words}`, async () => {
    const why = await desk.json<Why>("run", "why", "-r", run.runId);
    last = why.summary;
    return words.test(last) && why;
  }).catch((error) => {
    throw new Error(`${error.message}; it says: ${last}`);
  });
};
const ended = async (run: Run) => {
  await desk.switchyard("run", "monitor-logs", "-r", run.runId);
  return desk.show(run.runId);
};
const logOf = async (run: Run) => {
  const { code, stdout } = await desk.switchyard("run", "monitor-logs", "-r", run.runId, "--only-show-errors");
  return { code, stdout };
};

describe("attaching a machine that", () => {
  it.each<[string, SshHostOptions, RegExp]>([
    ["has a full disk", { home: "full" }, /no space left.*Free some/i],
    ["has a home that cannot be written", { home: "read-only" }, /cannot be written.*Mount it writable/i],
    ["has no tar", { tools: (name) => name !== "tar" }, /no tar on its PATH\. Install/],
  ])("%s: fails with the reason and the way out, takes no runs, and can be detached", async (_what, options, reason) => {
    const host = await lab.add(options);
    const refused = await attach(host);
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringMatching(reason) });
    expect(refused.stderr).toContain(`switchyard computetarget detach -n ${host.name}`);
    const target = await desk.json<ComputeTarget>("computetarget", "show", "-n", host.name);
    expect(target).toMatchObject({ provisioningState: "Failed", healthy: false });
    expect(target.provisioningErrors[0]?.message).toMatch(reason);
    const run = await desk.switchyard("submit", "--target", host.name, "train.py");
    expect(run.code).not.toBe(0);
    expect(problemOf(run).message).toMatch(reason);
    expect(await detach(host)).toMatchObject({ code: 0 });
  });

  it("wants the passphrase of an encrypted key: none, a wrong one, the right one", async () => {
    const host = await lab.add();
    const none = await attach(host, "id_encrypted");
    expect({ code: none.code, message: problemOf(none).message }).toEqual({ code: 2, message: expect.stringContaining("is encrypted") });
    desk.variables.SWITCHYARD_PASSPHRASE = "a wrong one";
    const wrong = await attach(host, "id_encrypted");
    expect(wrong).toMatchObject({ code: 1, stderr: expect.stringMatching(/passphrase/) });
    expect(await detach(host)).toMatchObject({ code: 0 });
    desk.variables.SWITCHYARD_PASSPHRASE = (lab.auth("encrypted key") as { passphrase: string }).passphrase;
    expect(await attach(host, "id_encrypted")).toMatchObject({ code: 0 });
    delete desk.variables.SWITCHYARD_PASSPHRASE;
    expect((await desk.submit("--target", host.name, "train.py")).run).toMatchObject({ status: "Completed" });
  });

  it("prints a banner and start-up text, and whose clock is off by a day: takes runs, and nothing of that is in them", async () => {
    const faketime = "/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1";
    if (!existsSync(faketime)) throw new Error("These tests need libfaketime. Install it: apt-get install libfaketime.");
    writeFileSync(join(lab.folder, "banner"), "Authorised people only.\n");
    const noise = "echo Welcome to this machine; printf 'no line end'; echo oops >&2\n";
    const host = await attached({
      shell: "/bin/bash",
      config: [`Banner ${join(lab.folder, "banner")}`],
      files: { ".bashrc": noise, ".profile": noise },
      environment: { LD_PRELOAD: faketime, FAKETIME: "-1d" },
    });
    const began = Date.now();
    const { run } = await desk.submit("--target", host.name, "train.py");
    expect(run).toMatchObject({ status: "Completed", metrics: { loss: 0.25 } });
    expect(await logOf(run)).toEqual({ code: 0, stdout: "trained\n" });
    const { startTimeUtc, endTimeUtc, createdUtc } = await desk.show(run.runId);
    const times = [createdUtc, startTimeUtc, endTimeUtc].map((time) => Date.parse(time ?? ""));
    for (const time of times) expect(Math.abs(time - began)).toBeLessThan(120_000);
    expect([...times].sort((a, b) => a - b)).toEqual(times);
  });
});

describe("a machine that, once attached,", () => {
  it("is switched off: its runs wait and say so, and begin when it is back", async () => {
    const host = await attached();
    await host.powerOff();
    const run = await submitted(host, "train.py");
    await whySays(run, /has not answered since|not answer|refused/);
    expect(await desk.show(run.runId)).toMatchObject({ endTimeUtc: null, error: null });
    await host.startServer();
    expect(await ended(run)).toMatchObject({ status: "Completed", attempts: [{ number: 1, exitCode: 0 }] });
  });

  it("shows another host key: nothing is sent there, a run that is on it goes on, and attaching it anew is the way out", async () => {
    const host = await attached();
    const going = await submitted(host, "wait.py");
    await until(200, "the script runs", async () => (await desk.show(going.runId)).status === "Running");
    await host.changeHostKey();
    const { summary } = await whySays(going, /host key/i);
    expect(summary).toMatch(/SHA256:\S+.*SHA256:/s);
    const waiting = await submitted(host, "train.py");
    await whySays(waiting, /host key/i);
    expect(problemOf(await detach(host)).message).toContain(going.runId);
    expect(existsSync(host.directoryOf(waiting.runId))).toBe(false);
    expect((await desk.show(going.runId)).endTimeUtc).toBeNull();
    for (const run of [going, waiting]) {
      await desk.json("run", "cancel", "-r", run.runId);
      await until(200, `${run.runId} is canceled`, async () => (await desk.show(run.runId)).status === "Canceled");
    }
    expect(await detach(host)).toMatchObject({ code: 0 });
    expect(await attach(host)).toMatchObject({ code: 0 });
    expect((await desk.submit("--target", host.name, "train.py")).run).toMatchObject({ status: "Completed" });
  });
});
