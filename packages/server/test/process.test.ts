// The server as a process: one per home, its port, its lock, how it stops.
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { endOf, killAll, runProcess, startProcess } from "./support/processes.ts";

let home: string;
beforeEach(() => {
  home = join(mkdtempSync(join(tmpdir(), "switchyard-process-")), "home");
});
afterEach(async () => {
  await killAll();
  rmSync(join(home, ".."), { recursive: true, force: true });
});

const mode = (name: string) => (statSync(join(home, name)).mode & 0o777).toString(8);
const readHome = (name: string) => readFileSync(join(home, name), "utf8").trim();

async function occupy(port = 0) {
  const server = createServer();
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  return { port: (server.address() as { port: number }).port, free: () => server.close() };
}

describe("a server process", () => {
  it("makes its home for its owner only, tells where it listens, and leaves no trace of listening", async () => {
    const server = await startProcess(home);
    expect([mode("."), mode("token")]).toEqual(["700", "600"]);
    expect(JSON.parse(readHome("server.json"))).toMatchObject({
      pid: server.pid,
      url: server.url,
      version: "0.1.0",
      instance: readHome("instance"),
    });
    expect(server.pid).toBe(server.child.pid);
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
    server.child.kill("SIGTERM");
    expect(await endOf(server.child)).toMatchObject({ code: 0 });
    expect(["server.json", "server.pid"].filter((name) => existsSync(join(home, name)))).toEqual([]);
  });

  it("is the only one of its home; a killed one is no obstacle and is found again at the same address", async () => {
    const first = await startProcess(home);
    const second = await runProcess(home);
    expect(second.code).toBe(3);
    expect(second.said).toContain(`pid ${first.pid}`);
    expect(second.said).toContain(first.url);
    first.child.kill("SIGKILL");
    await endOf(first.child);
    expect(existsSync(join(home, "server.json"))).toBe(true);
    const third = await startProcess(home);
    expect([third.url, third.token]).toEqual([first.url, first.token]);
    expect(JSON.parse(readHome("server.json")).pid).toBe(third.pid);
  });

  it("lets one of two that start together through", async () => {
    const both = await Promise.allSettled([startProcess(home), startProcess(home)]);
    expect(both.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
    expect(String(both.find((each) => each.status === "rejected")?.reason)).toContain("ended with 3");
  });

  it("takes another port when the one it chose itself is taken, and says so when it was told which", async () => {
    const first = await startProcess(home);
    first.child.kill("SIGTERM");
    await endOf(first.child);
    const other = await occupy(Number(readHome("port")));
    try {
      const told = await runProcess(home, ["--port", String(other.port)]);
      expect(told.code).toBe(1);
      expect(told.said).toContain(`Port ${other.port} is taken`);
      const moved = await startProcess(home);
      expect(moved.url).not.toBe(first.url);
      expect(moved.url).toContain(`:${readHome("port")}`);
    } finally {
      other.free();
    }
  });

  it("ends its streams and stops when a client asks it to", async () => {
    const server = await startProcess(home);
    const headers = { authorization: `Bearer ${server.token}` };
    const stream = await fetch(`${server.url}/api/v1/workspaces/default/events`, { headers });
    expect((await fetch(`${server.url}/api/v1/shutdown`, { method: "POST", headers })).status).toBe(204);
    await stream.text();
    expect(await endOf(server.child)).toMatchObject({ code: 0 });
  });

  it.each([
    ["--prot", "80", "Did you mean --port?"],
    ["--port", "http", "--port"],
    ["--log-level", "loud", "--log-level"],
    ["--database-url", "mysql://x", "mysql"],
  ])("refuses %s %s", async (flag, value, said) => {
    const end = await runProcess(home, [flag, value]);
    expect(end.code).toBe(2);
    expect(end.said).toContain(said);
  });

  it("refuses a misspelt setting by its nearest name", async () => {
    const server = await startProcess(home);
    server.child.kill("SIGTERM");
    await endOf(server.child);
    writeFileSync(join(home, "config.json"), '{"logLevl": "debug"}');
    const end = await runProcess(home);
    expect(end).toMatchObject({ code: 2 });
    expect(end.said).toContain('config.json: there is no setting "logLevl"; did you mean "logLevel"?');
  });

  it("warns when it listens beyond this machine, and keeps secrets out of its log", async () => {
    const server = await startProcess(home, ["--host", "0.0.0.0", "--log-to", "file", "--log-level", "debug"]);
    const port = readHome("port");
    const headers = { authorization: `Bearer ${server.token}` };
    await (await fetch(`http://127.0.0.1:${port}/api/v1/status`, { headers })).text();
    server.child.kill("SIGTERM");
    await endOf(server.child);
    const log = readHome("logs/server.log");
    expect(log).toContain("listening beyond this machine");
    expect(log).toContain('"path":"/api/v1/status"');
    expect(log).not.toContain(server.token);
  });

  it("refuses the artifact storage of another database", async () => {
    const database = join(home, "..", "shared.db");
    const artifacts = (name: string) => ["--database-url", `sqlite:${database}`, "--artifacts-url", `folder:${join(home, "..", name)}`];
    const server = await startProcess(home, artifacts("one"));
    server.child.kill("SIGTERM");
    await endOf(server.child);
    const end = await runProcess(home, artifacts("two"));
    expect(end.code).toBe(1);
    expect(end.said).toContain("belongs to artifact storage");
  });

  it("kills itself at a fail point", async () => {
    const server = await startProcess(home, [], { SWITCHYARD_FAIL_AT: "submit.before-commit" });
    const headers = { authorization: `Bearer ${server.token}` };
    const body = JSON.stringify({ experimentName: "exp", snapshotId: null });
    const url = `${server.url}/api/v1/workspaces/default/interactive-runs`;
    await expect(fetch(url, { method: "POST", body, headers })).rejects.toThrow();
    expect(await endOf(server.child)).toMatchObject({ signal: "SIGKILL" });
    const wrong = await runProcess(home, [], { SWITCHYARD_FAIL_AT: "nowhere" });
    expect(wrong.said).toContain("submit.before-commit");
  });
});
