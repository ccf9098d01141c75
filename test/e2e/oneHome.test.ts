// One home has one server: two that start together, a port that is taken, a database of the future.
import { once } from "node:events";
import { createServer } from "node:net";
import { join } from "node:path";
import Database from "better-sqlite3";
import { afterEach, beforeEach, expect, it } from "vitest";
import { Desk } from "../support/desk.ts";

let desk: Desk;
beforeEach(() => {
  desk = new Desk();
  desk.write("train.py", "print('trained')\n");
});
afterEach(() => desk.close());

interface Status {
  readonly pid: number;
  readonly url: string;
  readonly home: string;
  readonly running: boolean;
}

it("many `up` and a submit at once end with one server that all of them use", async () => {
  const [submitted, ...ups] = await Promise.all([
    desk.submit("train.py"),
    desk.json<Status>("up"),
    desk.json<Status>("up"),
    desk.json<Status>("up"),
  ]);
  expect(new Set(ups.map(({ pid }) => pid)).size).toBe(1);
  expect(submitted).toMatchObject({ code: 0, run: { status: "Completed" } });
  expect(await desk.json("run", "list")).toHaveLength(1);
});

it("`up --foreground` on a home that is served says by whom, and leaves that server alone", async () => {
  const first = await desk.json<Status>("up");
  const second = await desk.switchyard("up", "--foreground");
  expect(second.stderr).toContain(`A server runs for ${desk.home} already`);
  expect(await desk.json<Status>("status")).toMatchObject({ pid: first.pid, url: first.url, running: true });
});

it("a port that is taken is named, nothing is left running, and without it the server starts", async () => {
  const other = createServer().listen(0, "127.0.0.1");
  await once(other, "listening");
  const { port } = other.address() as { port: number };
  try {
    const { code, stderr } = await desk.switchyard("up", "--port", String(port));
    expect(stderr).toContain(`Port ${port} is taken by another program. Choose another one, or leave --port out.`);
    expect(code).toBe(4);
    expect((await desk.switchyard("status")).code).toBe(4);
    expect(await desk.submit("train.py")).toMatchObject({ code: 0, run: { status: "Completed" } });
  } finally {
    other.close();
  }
});

it("settings that are wrong, and a home that cannot be made, are told in a sentence", async () => {
  for (const [option, value] of [
    ["--log-level", "loud"],
    ["--port", "0"],
    ["--database-url", "mysql://x"],
    ["--artifacts-url", "s3://x"],
  ]) {
    const { code, stderr } = await desk.switchyard("up", option!, value!);
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringMatching(/The server for \S+ was not started: /) });
    expect(stderr).not.toMatch(/"level":|\n\s+at /);
  }
  const nowhere = await desk.switchyard("--home", "/proc/nowhere/home", "up");
  expect(nowhere.code).not.toBe(0);
  expect(nowhere.stderr).toContain("/proc/nowhere");
});

it("a database newer than the program is refused by name, left as it is, and used again by the program that knows it", async () => {
  const { run } = await desk.submit("train.py");
  await desk.json("down");
  const change = (statement: string) => {
    const database = new Database(join(desk.home, "switchyard.db"));
    database.exec(statement);
    database.close();
  };
  change("insert into schema_migrations (name, timestamp) values ('9999-future', '2030-01-01')");
  const { code, stderr } = await desk.switchyard("submit", "train.py");
  expect(stderr).toContain("was written by a newer Switchyard");
  expect(stderr).toContain("9999-future");
  expect(code).toBe(4);
  change("delete from schema_migrations where name = '9999-future'");
  expect(await desk.json("run", "list", "--query", "[].runId")).toEqual([run.runId]);
});
