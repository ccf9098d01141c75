import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { runCli } from "../../test/fakes.ts";
import { checkEngines } from "../doctor/engines.ts";
import { checkMachine } from "../doctor/machine.ts";

let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "switchyard-doctor-"));
});
afterEach(() => rm(home, { recursive: true, force: true }));

describe("doctor", () => {
  it("says what is missing, what it is needed for, and ends with 1", async () => {
    const { code, stdout } = await runCli(["doctor", "--home", home], { env: { PATH: home, NO_COLOR: "1" }, terminal: true });
    expect(code).toBe(1);
    expect(stdout).toMatch(/MISSING {2}Python: python3 not found\n +Python scripts need it/);
    expect(stdout).toContain("ok       Home");
  });

  it("finds nothing to complain about in the essentials of this machine", async () => {
    const checks = await checkMachine(process.env);
    expect(checks.filter(({ state }) => state === "missing")).toEqual([]);
    expect((await checkMachine(process.env, "20.19.0")).find(({ name }) => name === "Node")).toMatchObject({ state: "missing" });
  });

  it("says which engines for compute targets there are and which do not answer", async () => {
    const program = (name: string, script: string) => writeFile(join(home, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    const env = { PATH: `${home}:/usr/bin:/bin`, SSH_AUTH_SOCK: join(home, "no-agent") };
    await program("docker", "echo cannot connect >&2; exit 1");
    await program("podman", "echo 5.4.2");
    await program("sbatch", "");
    await program("sinfo", "printf 'gpu\\ncpu\\ngpu\\n'");
    expect((await checkEngines(env)).map(({ name, state, found }) => [name, state, found])).toEqual(
      expect.arrayContaining([
        ["Container engine", "ok", "podman 5.4.2"],
        ["Slurm", "ok", "partitions gpu, cpu"],
        ["SSH agent", "hint", expect.stringContaining("no-agent")],
      ]),
    );
    await program("podman", "exit 125");
    await program("sinfo", "exit 1");
    expect((await checkEngines(env)).map(({ name, state, found }) => [name, state, found])).toEqual(
      expect.arrayContaining([
        ["Container engine", "hint", "docker, podman does not answer"],
        ["Slurm", "hint", "sinfo does not answer"],
      ]),
    );
    expect(await checkEngines({ PATH: "/nowhere" })).toMatchObject([{ name: "Container engine", state: "hint" }]);
  });

  it("warns of a token that others can read", async () => {
    await writeFile(join(home, "token"), "secret");
    await chmod(join(home, "token"), 0o644);
    const { code, stdout } = await runCli(["doctor", "--home", home, "-o", "json"], { env: { PATH: process.env.PATH! } });
    expect(code).toBe(1);
    expect(JSON.parse(stdout).find((check: { name: string }) => check.name === "Secrets")).toMatchObject({ state: "missing" });
    expect(stdout).toContain(`chmod 600 ${home}/token`);
  });

  it("says that the server does not answer", async () => {
    const sdk = {
      findServer: async () => ({ pid: 1, url: "http://127.0.0.1:1" }),
      connect: async () => {
        throw new Error("No answer.");
      },
    };
    const { stdout } = await runCli(["doctor", "--home", home, "-o", "json"], { sdk, env: { PATH: process.env.PATH! } });
    expect(JSON.parse(stdout).find((check: { name: string }) => check.name === "Server")).toMatchObject({ state: "missing" });
  });
});
