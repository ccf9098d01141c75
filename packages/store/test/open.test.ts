import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { BadRequest, DatabaseTooNew, DatabaseUnreachable, DiskFull } from "@switchyard/protocol";
import Sqlite from "better-sqlite3";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openStore } from "../src/index.ts";
import { DATABASES, freshDatabase, newRun, startPostgres, type TestPostgres } from "../src/testing/index.ts";
import { onEveryDatabase } from "./everyDatabase.ts";
import { waitFor } from "./waitFor.ts";

async function execute(url: string, statement: string): Promise<void> {
  if (url.startsWith("sqlite:")) {
    const file = new Sqlite(url.slice("sqlite:".length));
    file.exec(statement);
    file.close();
    return;
  }
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(statement);
  await client.end();
}

onEveryDatabase("opening a database", ({ freshUrl, openAt }) => {
  it("works for several servers that start at once, and again later", async () => {
    const url = await freshUrl();
    const stores = await Promise.all(Array.from({ length: 4 }, () => openAt(url)));
    await stores[0]?.workspaces.ensure("default");
    expect((await stores[3]?.workspaces.list())?.length).toBe(1);
    expect((await (await openAt(url)).workspaces.list()).length).toBe(1);
  });

  it("refuses one that a newer program has used", async () => {
    const url = await freshUrl();
    await openAt(url);
    await execute(url, "insert into schema_migrations (name, timestamp) values ('9999-from-the-future', '2030-01-01T00:00:00.000Z')");
    await expect(openAt(url)).rejects.toThrow(DatabaseTooNew);
    await expect(openAt(url)).rejects.toThrow(/"9999-from-the-future".*Start the newer program/);
  });

  it("keeps all that was committed when the process is killed", async () => {
    const url = await freshUrl();
    const store = await openAt(url);
    await store.runs.create(newRun("a"));
    const writer = spawn(
      process.execPath,
      ["--disable-warning=ExperimentalWarning", fileURLToPath(new URL("killedWriter.ts", import.meta.url)), url],
      {
        stdio: ["ignore", "pipe", "inherit"],
      },
    );
    const gone = once(writer, "exit");
    let told = 0;
    const lines = createInterface({ input: writer.stdout });
    lines.on("line", (line) => {
      told = Number(line);
      if (told === 40) writer.kill("SIGKILL");
    });
    await gone;
    const cursor = async () => (await store.telemetry.cursors("a")).get("1/journal/m.jsonl")?.offset;
    // a database server may still be at the last batch of a client that is gone
    const { values, offset } = await waitFor("nothing is written any more", async () => {
      const before = await cursor();
      const seen = (await store.metrics.points("a", "n")).values;
      return before === (await cursor()) && { values: seen, offset: before };
    });
    expect(values.length).toBeGreaterThanOrEqual(told);
    expect(values).toEqual(values.map((_, index) => index));
    expect(offset).toBe(values.length);
  });
});

describe("addresses of databases", () => {
  it("that are none are refused in words", async () => {
    for (const url of ["", "mysql://x", "/some/file.db", "sqlite:"]) await expect(openStore(url)).rejects.toThrow(BadRequest);
    await expect(openStore("postgres://user:pa:ss#word@/x y")).rejects.not.toThrow("pa:ss");
  });

  it("are described without passwords", async () => {
    const store = await openStore("sqlite::memory:");
    expect(store.describe()).toBe("sqlite::memory:");
    await store.close();
    const error: unknown = await openStore("postgres://ada:secret@127.0.0.1:1/db").catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(DatabaseUnreachable);
    expect(String(error)).toContain("postgres://ada@127.0.0.1:1/db");
    expect(String(error)).not.toContain("secret");
  });

  it("of new files make them for their owner only", async () => {
    const folder = mkdtempSync(join(tmpdir(), "switchyard-store-"));
    const store = await openStore(`sqlite:${folder}/new.db`);
    expect(statSync(`${folder}/new.db`).mode & 0o777).toBe(0o600);
    await store.close();
    rmSync(folder, { recursive: true });
  });

  it("of files that cannot be opened are told with the reason", async () => {
    const folder = mkdtempSync(join(tmpdir(), "switchyard-store-"));
    try {
      await expect(openStore(`sqlite:${folder}/none/x.db`)).rejects.toThrow(/none\/x.db cannot be opened/);
      writeFileSync(join(folder, "text.db"), "this is no database, only some text that is long enough".repeat(50));
      await expect(openStore(`sqlite:${folder}/text.db`)).rejects.toThrow(/text.db cannot be opened.*not a database/);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe("a full disk", () => {
  const folder = mkdtempSync(join(tmpdir(), "switchyard-full-"));
  const mounted = spawnSync("mount", ["-t", "tmpfs", "-o", "size=2m", "tmpfs", folder]).status === 0;
  afterAll(() => {
    if (mounted) spawnSync("umount", [folder]);
    rmSync(folder, { recursive: true, force: true });
  });

  it.skipIf(!mounted)("is said so, loses nothing, and work goes on once there is room", async () => {
    const store = await openStore(`sqlite:${folder}/small.db`);
    await store.runs.create(newRun("a"));
    const filler = join(folder, "filler");
    const before = async () => (await store.telemetry.cursors("a")).get("1/f")?.offset ?? 0;
    const values = Array.from({ length: 4000 }, () => Math.random());
    const take = async () => {
      const was = await before();
      const numbers = [{ name: "n", attempt: 1, values, steps: values.map(() => null), times: values }];
      return await store.telemetry.take({ runId: "a", cursors: [{ attempt: 1, file: "f", was, now: was + 1 }], numbers });
    };
    writeFileSync(filler, Buffer.alloc(1_000_000));
    const error = await waitFor(
      "the disk to be full",
      async () =>
        await take().then(
          () => undefined,
          (caught: unknown) => caught,
        ),
    );
    expect(error).toBeInstanceOf(DiskFull);
    expect(String(error)).toContain("small.db");
    const taken = await before();
    expect((await store.metrics.points("a", "n", { maxPoints: 10 })).total).toBe(taken * 4000);
    rmSync(filler);
    expect(await take()).toBe("taken");
    expect((await store.metrics.points("a", "n", { maxPoints: 10 })).total).toBe((taken + 1) * 4000);
    await store.close();
  });
});

const missing = DATABASES.find((database) => database.name === "postgres")?.missing ?? null;
describe.skipIf(missing)("a PostgreSQL that goes away", () => {
  let server: TestPostgres;
  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(() => server?.stop());

  it("is said to be unreachable, and used again once it is back", async () => {
    const store = await openStore(await freshDatabase(server));
    await store.runs.create(newRun("a"));
    const heard: number[] = [];
    store.events.onCommit((id) => heard.push(id));
    await server.kill();
    await expect(store.now()).rejects.toThrow(DatabaseUnreachable);
    await expect(store.telemetry.take({ runId: "a", cursors: [] })).rejects.toThrow(DatabaseUnreachable);
    await server.start();
    await waitFor("the database to answer", () => store.now().catch(() => undefined));
    expect(await store.runs.get("a")).toMatchObject({ id: "a" });
    await store.runs.setTags("a", { back: null });
    await waitFor("news again", () => heard.includes(2));
    await store.close();
  });
});
