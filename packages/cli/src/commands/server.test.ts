import { describe, expect, it } from "vitest";
import { runCli } from "../../test/fakes.ts";

const status = {
  pid: 42,
  url: "http://127.0.0.1:8700",
  version: "0.1.0",
  home: "/home/nobody/.switchyard",
  database: "sqlite:/home/nobody/.switchyard/switchyard.db",
  startedUtc: "2026-11-21T09:00:00.000Z",
  instance: "i",
  runs: { running: 1 },
};
const api = { serverStatus: async () => status };
const running = { findServer: async () => ({ pid: 42, url: status.url }) };

describe("up, down and status", () => {
  it("gives pid, url, version, home and database of the server", async () => {
    const { code, stdout } = await runCli(["status"], { api, sdk: running });
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toEqual({ running: true, ...status });
  });

  it("says that no server runs, starts none, and ends with 4", async () => {
    const connect = async () => {
      throw new Error("a server was started");
    };
    const { code, stdout } = await runCli(["status", "--home", "/h"], { sdk: { connect } });
    expect(code).toBe(4);
    expect(JSON.parse(stdout)).toEqual({ running: false, home: "/h" });
    expect((await runCli(["down"], { sdk: { connect } })).code).toBe(0);
  });

  it("starts a server with the options given", async () => {
    const calls: unknown[] = [];
    const connect = async (options: unknown) => {
      calls.push(options);
      return api;
    };
    const { stdout } = await runCli(["up", "--port", "8700", "--database-url", "postgres://db/x"], { sdk: { connect } });
    expect(calls).toEqual([
      { home: "/home/nobody/.switchyard", start: true, serverArguments: ["--port", "8700", "--database-url", "postgres://db/x"] },
    ]);
    expect(JSON.parse(stdout)).toMatchObject({ started: true, pid: 42 });
  });

  it("says that a running server keeps its options", async () => {
    const again = await runCli(["up"], { api, sdk: running });
    expect(again).toMatchObject({ code: 0 });
    expect(again.stderr).toContain("runs for /home/nobody/.switchyard already");
    const other = await runCli(["up", "--port", "1"], { api, sdk: running });
    expect(other).toMatchObject({ code: 1 });
    expect(other.stderr).toContain("`switchyard down` first");
  });

  it("leaves a server elsewhere alone", async () => {
    for (const command of ["up", "down"]) {
      const { code, stderr } = await runCli([command], { api, sdk: running, env: { SWITCHYARD_URL: "https://team.example" } });
      expect(code).toBe(2);
      expect(stderr).toContain("https://team.example");
    }
  });
});
