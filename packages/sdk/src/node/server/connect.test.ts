import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { NotFound, ServerUnreachable, Unauthenticated } from "@switchyard/protocol/errors";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { defaultHome } from "../home.ts";
import { connect } from "./connect.ts";
import { findServer } from "./findServer.ts";
import { serverCommand } from "./serverCommand.ts";

const PROGRAM = fileURLToPath(new URL("../../testing/fakeServerProgram.mjs", import.meta.url));

describe("finding and starting a server", () => {
  let home: string;
  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), "connect-"));
    vi.stubEnv("SWITCHYARD_SERVER_ENTRY", PROGRAM);
    vi.stubEnv("SWITCHYARD_URL", "");
  });
  afterEach(async () => {
    vi.unstubAllEnvs();
    vi.restoreAllMocks();
    const found = await findServer(home);
    if (found !== null) await fetch(`${found.url}/stop`);
    rmSync(home, { recursive: true });
  });

  const ask = async (options = {}) =>
    (await (await connect({ home, start: true, ...options })).serverStatus()) as unknown as Record<string, unknown>;

  it("finds none in a home that has none, or that does not exist", async () => {
    expect(await findServer(home)).toBeNull();
    expect(await findServer(join(home, "none"))).toBeNull();
    await expect(connect({ home, start: false })).rejects.toThrow(ServerUnreachable);
    await expect(connect({ home, start: false })).rejects.toThrow(/switchyard up/);
  });

  it("starts one when it is needed, says so, and finds it from then on", async () => {
    const onStarting = vi.fn();
    const first = await ask({ onStarting, serverArguments: ["--port", "0"] });
    expect(first).toMatchObject({ args: ["--home", home, "--port", "0"], authorization: "Bearer sy_token" });
    expect(await ask({ onStarting })).toMatchObject({ pid: first.pid });
    expect(onStarting).toHaveBeenCalledTimes(1);
    expect(await findServer(home)).toMatchObject({ pid: first.pid, token: "sy_token", version: "0.1.0" });
    expect(readFileSync(join(home, "logs/server-start.log"), "utf8")).toContain(`"pid":${first.pid}`);
  });

  it.each([
    ["0.0.9", "older"],
    ["0.10.0", "newer"],
  ])("warns of a running server of version %s, and says the way out", async (version, order) => {
    vi.stubEnv("FAKE_SERVER_VERSION", version);
    const onWarning = vi.fn();
    await ask({ onWarning });
    expect(onWarning.mock.calls).toEqual([
      [expect.stringMatching(new RegExp(`${version}, ${order} than this program, 0\\.1\\.0;.*\\bswitchyard down\\b`))],
    ]);
    const stderr = vi.spyOn(process.stderr, "write").mockReturnValue(true);
    await ask();
    expect(stderr.mock.calls).toEqual([[expect.stringMatching(/^Warning: [^\n]*\n$/)]]);
  });

  it("has nothing to say about a server of its own version", async () => {
    const onWarning = vi.fn();
    await ask({ onWarning });
    expect(onWarning).not.toHaveBeenCalled();
  });

  it("makes a home that is not there yet", async () => {
    const inner = join(home, "a/b");
    const client = await connect({ home: inner, start: true });
    await fetch(`${client.url}/stop`);
  });

  it("makes one server when several start it at once", async () => {
    const answers = await Promise.all([ask(), ask(), ask()]);
    expect(new Set(answers.map((answer) => answer.pid)).size).toBe(1);
  });

  it("starts a new one when the last one was killed", async () => {
    const { pid } = await ask();
    const file = readFileSync(join(home, "server.json"));
    await fetch(`${(await findServer(home))!.url}/stop`);
    writeFileSync(join(home, "server.json"), file); // left behind, as a kill leaves it
    expect((await ask()).pid).not.toBe(pid);
  });

  it("does not take a process that has the old server's pid for the server", async () => {
    const other = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000); console.log()"], { stdio: ["ignore", "pipe", "ignore"] });
    await once(other.stdout, "data");
    writeFileSync(join(home, "token"), "sy_token");
    writeFileSync(
      join(home, "server.json"),
      JSON.stringify({ pid: other.pid, url: "http://127.0.0.1:1", version: "0", instance: "i", startedUtc: "" }),
    );
    expect(await findServer(home)).toBeNull();
    other.kill();
    await once(other, "exit");
  });

  it("finds none in a file that is damaged", async () => {
    writeFileSync(join(home, "token"), "sy_token");
    for (const text of ["", "{", "[]", "null", '{"pid":"1"}']) {
      writeFileSync(join(home, "server.json"), text);
      expect(await findServer(home)).toBeNull();
    }
  });

  it("shows the last lines of a server that does not come up", async () => {
    vi.stubEnv("FAKE_SERVER", "fails");
    const error = await connect({ home, start: true }).catch((thrown) => thrown);
    expect(error).toBeInstanceOf(ServerUnreachable);
    expect(error.message).toMatch(/exit code 2/);
    expect(error.message).toContain("config.json: port must be a number");
    expect(error.message).toContain(join(home, "logs/server-start.log"));
  });

  it("uses the server that the environment names", async () => {
    const local = await ask();
    const { url } = (await findServer(home))!;
    vi.stubEnv("SWITCHYARD_URL", url);
    await expect(connect({ home: "/nowhere", start: false })).rejects.toThrow(Unauthenticated);
    vi.stubEnv("SWITCHYARD_TOKEN", "sy_other");
    expect(await ask({ home: "/nowhere", start: false })).toMatchObject({ pid: local.pid, authorization: "Bearer sy_other" });
  });

  it("names a server program that is not there", () => {
    expect(() => serverCommand({ SWITCHYARD_SERVER_ENTRY: join(home, "none.js") })).toThrow(NotFound);
    expect(serverCommand({ SWITCHYARD_SERVER_ENTRY: PROGRAM })).toEqual([process.execPath, PROGRAM]);
    expect(serverCommand({})[1]).toMatch(/server\/src\/main\.ts$/);
  });

  it("knows the home", () => {
    expect(defaultHome({ SWITCHYARD_HOME: "/x", HOME: "/y" })).toBe("/x");
    expect(defaultHome({ HOME: "/y" })).toBe("/y/.switchyard");
  });
});
