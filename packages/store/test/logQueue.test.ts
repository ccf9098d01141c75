import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { BadRequest, DatabaseUnreachable, NotFound } from "@switchyard/protocol";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type LoggedMetric, openStore, type Store } from "../src/index.ts";
import { DATABASES, freshDatabase, newRun, startPostgres, type TestPostgres } from "../src/testing/index.ts";
import { onEveryDatabase } from "./everyDatabase.ts";
import { waitFor } from "./waitFor.ts";

const WS = "default";
const point = (value: number, name = "loss"): LoggedMetric => ({ name, value, step: value, time: 1000 + value });
const log = (store: Store, runId: string, ...metrics: LoggedMetric[]) => store.tracking.log(WS, runId, { metrics });
const valuesOf = async (store: Store, runId: string, name = "loss") => [...(await store.metrics.points(runId, name)).values];
const upTo = (count: number) => Array.from({ length: count }, (_, at) => at);

async function withRuns(store: Store, ...ids: string[]): Promise<Store> {
  for (const id of ids) await store.runs.create(newRun(id));
  return store;
}

onEveryDatabase("metrics of many clients at once", ({ open, again, freshUrl, openAt }, database) => {
  it("are all there, in the order in which each client sent them", async () => {
    const store = await withRuns(await open(), "a", "b", "c");
    const client = async (runId: string, count: number) => {
      for (const value of upTo(count)) await log(store, runId, point(value));
    };
    await Promise.all([client("a", 60), client("b", 40), client("c", 5)]);
    for (const [runId, count] of [
      ["a", 60],
      ["b", 40],
      ["c", 5],
    ] as const)
      expect(await valuesOf(store, runId)).toEqual(upTo(count));
    expect((await store.runs.view("a"))?.metrics).toEqual({ loss: 59 });
  });

  it("go into few transactions, and the change that tells of them comes after each", async () => {
    const store = await withRuns(await open(), "a");
    for (const first of upTo(2)) await log(store, "a", point(first));
    const servers = database === "postgres" ? [store, await again()] : [store];
    const heard = servers.map((server) => {
      const ids: number[] = [];
      server.events.onCommit((id) => ids.push(id));
      return ids;
    });
    const before = await store.events.latestId();
    await Promise.all(upTo(400).map((at) => log(store, "a", point(at + 2))));
    expect(await valuesOf(store, "a")).toEqual(upTo(402));
    const changes = await store.events.since(before, 1000);
    expect(new Set(changes.map(({ kind, runId, names }) => `${kind} ${runId} ${names}`))).toEqual(new Set(["metrics a loss"]));
    if (database === "postgres") expect(changes.length).toBeLessThan(10);
    const last = changes.at(-1)?.id as number;
    for (const ids of heard) await waitFor("the last change is heard of", () => ids.includes(last));
  });

  it("are saved when others of the same moment are refused", async () => {
    const store = await withRuns(await open(), "a", "b", "deleted");
    for (const id of ["a", "b", "deleted"]) await log(store, id, point(0));
    await (await again()).tracking.setDeleted(WS, "deleted", new Date()); // as another server does it
    const results = await Promise.allSettled([
      log(store, "a", point(1)),
      log(store, "deleted", point(1)),
      log(store, "nowhere", point(1)),
      store.tracking.log("other", "b", { metrics: [point(9)] }),
      log(store, "b", point(1)),
      log(store, "a", point(2)),
    ]);
    const reasons = results.map((result) => (result.status === "rejected" ? result.reason : null));
    expect(reasons).toEqual([null, expect.any(BadRequest), expect.any(NotFound), expect.any(NotFound), null, null]);
    expect(await valuesOf(store, "a")).toEqual([0, 1, 2]);
    expect(await valuesOf(store, "b")).toEqual([0, 1]);
    expect(await valuesOf(store, "deleted")).toEqual([0]);
    await log(store, "b", point(2));
    expect(await valuesOf(store, "b")).toEqual([0, 1, 2]);
  });

  it("are taken once, however often they are sent", async () => {
    const store = await withRuns(await open(), "a");
    const send = () => upTo(20).map((value) => log(store, "a", point(value), point(value, "acc")));
    await Promise.all([...send(), ...send()]);
    await Promise.all(send());
    expect((await valuesOf(store, "a")).toSorted((x, y) => Number(x) - Number(y))).toEqual(upTo(20));
    expect((await store.metrics.points("a", "acc")).total).toBe(20);
  });

  it("of two servers and of the run itself all come together", async () => {
    const store = await withRuns(await open(), "a");
    const other = await again();
    const client = async (server: Store, name: string) => {
      for (const value of upTo(30)) await log(server, "a", point(value, name), { ...point(value, "both"), time: Date.now() });
    };
    const journal = async () => {
      for (const at of upTo(15)) {
        const numbers = [{ name: "own", attempt: 1, values: [at], steps: [null], times: [at] }];
        await store.telemetry.take({ runId: "a", cursors: [{ attempt: 1, file: "journal/m.jsonl", was: at, now: at + 1 }], numbers });
      }
    };
    await Promise.all([client(store, "mine"), client(other, "theirs"), client(store, "more"), journal()]);
    for (const name of ["mine", "theirs", "more"]) expect(await valuesOf(store, "a", name)).toEqual(upTo(30));
    expect(await valuesOf(store, "a", "own")).toEqual(upTo(15));
    expect((await store.runs.view("a"))?.metrics).toMatchObject({ mine: 29, theirs: 29, more: 29, own: 14 });
  });

  it("begin a new curve when the run has begun a new attempt", async () => {
    const store = await withRuns(await open(), "a");
    const attempt = (number: number) => ({ number }) as never;
    const begin = async (...attempts: never[]) => {
      const was = await (await again()).runs.get("a");
      if (was === undefined || !(await store.runs.replace(was, { ...was, attempts }))) throw new Error("the run changed meanwhile");
    };
    await begin(attempt(1));
    for (const value of [5, 6]) await log(store, "a", point(value));
    await begin(attempt(1), attempt(2));
    for (const value of [7, 8]) await log(store, "a", point(value));
    expect(await valuesOf(store, "a")).toEqual([7, 8]);
    expect((await store.runs.view("a"))?.metrics).toEqual({ loss: 8 });
  });

  it("are as they would be one by one: chunks, tails, special values", async () => {
    const store = await withRuns(await open(), "a", "b");
    const values = upTo(700).map((at) =>
      at % 50 === 0 ? Number.NaN : at % 51 === 0 ? Number.NEGATIVE_INFINITY : at % 52 === 0 ? -0 : at / 7,
    );
    const metrics = values.map((value, at) => ({ name: "loss", value, step: at % 97, time: 1000 + at }));
    await log(store, "a", ...metrics);
    for (let from = 0; from < metrics.length; from += 70)
      await Promise.all(metrics.slice(from, from + 70).map((metric) => log(store, "b", metric)));
    expect(await store.metrics.numbers("b", "loss")).toEqual(await store.metrics.numbers("a", "loss"));
    expect((await store.tracking.run(WS, "b"))?.metrics).toEqual((await store.tracking.run(WS, "a"))?.metrics);
  });

  it("are there when the process is killed right after the answer", async () => {
    const url = await freshUrl();
    const runs = ["a", "b", "c", "d"];
    const store = await withRuns(await openAt(url), ...runs);
    const program = fileURLToPath(new URL("killedLogger.ts", import.meta.url));
    const logger = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", program, url, runs.join(",")], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const gone = once(logger, "exit");
    const told = new Map<string, number>();
    createInterface({ input: logger.stdout }).on("line", (line) => {
      const [runId, count] = line.split(" ") as [string, string];
      told.set(runId, Number(count));
      if ([...told.values()].reduce((sum, each) => sum + each, 0) === 300) logger.kill("SIGKILL");
    });
    await gone;
    for (const runId of runs) {
      const stored = await valuesOf(store, runId);
      expect(stored.length).toBeGreaterThanOrEqual(told.get(runId) ?? 0);
      expect(stored).toEqual(upTo(stored.length));
    }
    await log(store, "a", point(10_000)); // and the next server goes on
    expect((await valuesOf(store, "a")).at(-1)).toBe(10_000);
  });
});

const missing = DATABASES.find(({ name }) => name === "postgres")?.missing ?? null;
describe.skipIf(missing)(`metrics on their way when PostgreSQL goes${missing ? ` (skipped: ${missing})` : ""}`, () => {
  let postgres: TestPostgres;
  let store: Store;
  let url: string;
  let holder: pg.Client;
  let successor: pg.Client;
  let watcher: pg.Client; // in no transaction, which would see the same activity for ever
  beforeAll(async () => {
    postgres = await startPostgres();
    url = await freshDatabase(postgres);
    store = await withRuns(await openStore(url), "a", "b", "c");
    [holder, successor, watcher] = (await Promise.all(["holder", "successor", "watcher"].map(connect))) as [
      pg.Client,
      pg.Client,
      pg.Client,
    ];
  });
  afterAll(async () => {
    await store.close();
    for (const client of [holder, successor, watcher]) await client.end().catch(() => {});
    await postgres.stop();
  });

  async function connect(program: string): Promise<pg.Client> {
    const client = new pg.Client({ connectionString: url, application_name: program });
    client.on("error", () => {});
    await client.connect();
    return client;
  }

  /** Whoever writes changes passes a gate, which others can hold; those who come to it pass in their order. */
  const GATE = `create function pass_gate() returns trigger language plpgsql as $$ begin perform pg_advisory_xact_lock(1); return null; end $$;
    create trigger gate before insert on changes for each statement execute function pass_gate()`;
  const hold = (client: pg.Client) => client.query("select pg_advisory_lock(1)");
  const leave = (client: pg.Client) => client.query("select pg_advisory_unlock(1)");
  /** Who waits for a lock, by the name of the program. */
  const waiters = async (program: string) => {
    const text = "select pid from pg_stat_activity where application_name = $1 and wait_event_type = 'Lock'";
    return (await watcher.query<{ pid: number }>(text, [program])).rows;
  };

  it("fail with a clear error, all of the group, when their connection is cut, and the next are saved", async () => {
    for (const id of ["a", "b", "c"]) for (const value of [0, 1]) await log(store, id, point(value));
    await holder.query(GATE);
    await hold(holder);
    const first = log(store, "c", point(2));
    await waitFor("a write waits", async () => (await waiters("switchyard")).length === 1);
    const held = hold(successor); // in line behind it
    await waitFor("the successor waits", async () => (await waiters("successor")).length === 1);
    const group = Promise.allSettled([log(store, "a", point(2)), log(store, "b", point(2)), log(store, "a", point(3))]);
    await leave(holder);
    await first;
    await held;
    const [waiter] = await waitFor("the group waits", async () =>
      (await waiters("switchyard")).length === 1 ? waiters("switchyard") : false,
    );
    const next = log(store, "b", point(3));
    await watcher.query("select pg_terminate_backend($1)", [waiter?.pid]);
    for (const result of await group) expect(result).toMatchObject({ status: "rejected", reason: expect.any(DatabaseUnreachable) });
    await leave(successor);
    await next;
    for (const value of [4, 5]) await log(store, "a", point(value));
    expect(await valuesOf(store, "a")).toEqual([0, 1, 4, 5]);
    expect(await valuesOf(store, "b")).toEqual([0, 1, 3]);
    expect(await valuesOf(store, "c")).toEqual([0, 1, 2]);
  });

  it("leave no wrong point when another of the group cannot be stored", async () => {
    const far = { ...point(6), time: 1e30 }; // no instant that PostgreSQL can hold
    const results = await Promise.allSettled([
      log(store, "a", point(6)),
      log(store, "b", far),
      log(store, "b", point(7)),
      log(store, "a", point(7)),
    ]);
    expect(results.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled", "fulfilled"]);
    expect((await valuesOf(store, "a")).slice(-2)).toEqual([6, 7]);
    expect((await valuesOf(store, "b")).at(-1)).toBe(7);
  });

  it("fail, all of them, while there is no server, and are saved when it is back", async () => {
    await postgres.kill();
    const results = await Promise.allSettled(upTo(20).map((at) => log(store, at % 2 === 0 ? "a" : "b", point(100 + at))));
    for (const result of results) expect(result).toMatchObject({ status: "rejected", reason: expect.any(DatabaseUnreachable) });
    await postgres.start();
    for (const value of [200, 201]) await log(store, "a", point(value));
    expect((await valuesOf(store, "a")).slice(-3)).toEqual([7, 200, 201]);
  });
});
