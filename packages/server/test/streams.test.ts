// Log and change streams on a real store and real artifacts.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ArtifactStorage, openArtifacts } from "@switchyard/artifacts";
import type { LogChunk } from "@switchyard/protocol";
import { openStore, type RunRecord, type Store } from "@switchyard/store";
import { newRun } from "@switchyard/store/testing";
import { pino } from "pino";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ServerEvent } from "../src/http/handler.ts";
import { ChangeFeed } from "../src/streams/changeFeed.ts";
import { openChangeStream } from "../src/streams/changes.ts";
import { openLogStream } from "../src/streams/logs.ts";

const DRIVER = "azureml-logs/80_driver_log.txt";
let folder: string;
let store: Store;
let artifacts: ArtifactStorage;
let feed: ChangeFeed;
let leaving: AbortController;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "switchyard-streams-"));
  store = await openStore("sqlite::memory:");
  artifacts = await openArtifacts(`folder:${folder}`);
  feed = new ChangeFeed(store.events, pino({ level: "silent" }));
  leaving = new AbortController();
  await store.workspaces.ensure("ws");
});
afterEach(async () => {
  leaving.abort();
  feed.close();
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});

const write = (text: string | Uint8Array, offset = 0, file = `attempts/1/${DRIVER}`) =>
  artifacts.runFiles.writeAt("run", file, offset, Buffer.from(text as string));

async function change(next: Partial<RunRecord>): Promise<void> {
  const was = (await store.runs.get("run")) as RunRecord;
  expect(await store.runs.replace(was, { ...was, ...next })).toBe(true);
}

const attempt = (number: number) => ({ number, node: null, startTimeUtc: null, endTimeUtc: null, exitCode: null, signal: null, because: null, durationSeconds: null, cpuSeconds: null, peakMemoryBytes: null, rank: null, clockOffsetSeconds: null }); // biome-ignore format: all of one
const started = { state: "running", attempts: [attempt(1)] } as const;
const ended = { state: "ended", outcome: "succeeded", endedAt: new Date() } as const;

const logs = (file: string | null = null, lastEventId: string | null = null) =>
  openLogStream({ store, artifacts, feed }, { runId: "run", file, lastEventId, signal: leaving.signal });

/** Takes events until one satisfies `isLast`. */
async function take(events: AsyncIterable<ServerEvent>, isLast: (event: ServerEvent) => boolean): Promise<ServerEvent[]> {
  const taken: ServerEvent[] = [];
  for await (const event of events) {
    taken.push(event);
    if (isLast(event)) break;
  }
  return taken;
}
const toEnd = async (events: AsyncIterable<ServerEvent>) => await take(events, () => false);
const textOf = (events: readonly ServerEvent[]) =>
  events.map(({ event, data }) => (event === "log" ? (data as LogChunk).text : "")).join("");

describe("log streams", () => {
  beforeEach(async () => {
    await store.runs.create(newRun("run", { workspace: "ws" }));
    await change(started);
  });

  it("follow files while they grow, tell the status and end with the run", async () => {
    await write("first\n");
    const events = (await logs())[Symbol.asyncIterator]();
    expect((await events.next()).value).toEqual({ event: "status", data: { status: "Running" } });
    expect((await events.next()).value).toEqual({
      event: "log",
      id: `attempts/1/${DRIVER}:6`,
      data: { file: DRIVER, attempt: 1, offset: 0, text: "first\n" },
    });
    const next = events.next();
    await write("second\n", 6);
    await change({ displayName: "wakes the stream" });
    expect((await next).value).toMatchObject({ data: { offset: 6, text: "second\n" } });
    await write("last", 13);
    await change(ended);
    const rest = await toEnd({ [Symbol.asyncIterator]: () => events });
    expect(textOf(rest)).toBe("last");
    expect(rest.filter(({ event }) => event !== "log")).toEqual([
      { event: "status", data: { status: "Completed" } },
      { event: "end", data: { status: "Completed" } },
    ]);
    expect(rest.at(-1)?.event).toBe("end");
  });

  it("go on exactly where they were cut, whatever is in the log", async () => {
    const bytes = Buffer.concat([
      Buffer.from("é😀\n".repeat(60_000)),
      Buffer.from([0xff, 0xfe, 0x80]),
      Buffer.from("x".repeat(300_000)),
      Buffer.from([0xf0, 0x9f]),
    ]);
    await write(bytes);
    await write("build", 0, "attempts/1/azureml-logs/20_image_build_log.txt");
    await change(ended);
    const whole = await toEnd(await logs());
    expect(textOf(whole)).toBe(`build${new TextDecoder().decode(bytes)}`);
    const chunks = whole.filter(({ event }) => event === "log");
    expect(chunks.length).toBeGreaterThan(4);
    for (const [index, { id = "" }] of chunks.entries()) {
      expect(textOf(await toEnd(await logs(null, id)))).toBe(textOf(chunks.slice(index + 1)));
    }
  });

  it("keep back the bytes of a character that is not whole yet", async () => {
    await write(Buffer.from("a😀").subarray(0, 3));
    const events = (await logs())[Symbol.asyncIterator]();
    await events.next();
    expect((await events.next()).value).toMatchObject({ data: { text: "a" } });
    const next = events.next();
    await write(Buffer.from("😀").subarray(2), 3);
    await change({ displayName: "x" });
    expect((await next).value).toMatchObject({ data: { offset: 1, text: "😀" } });
  });

  it("follow rank 0 of a distributed run, and another rank for who names its log", async () => {
    const log = (rank: number) => `azureml-logs/70_driver_log_${rank}.txt`;
    for (const rank of [0, 1, 12]) await write(`rank ${rank}`, 0, `attempts/1/${log(rank)}`);
    await change(ended);
    expect(textOf(await toEnd(await logs()))).toBe("rank 0");
    expect(textOf(await toEnd(await logs(log(12))))).toBe("rank 12");
  });

  it("send attempts and files in reading order, without what is not for reading", async () => {
    await write("two", 0, `attempts/2/${DRIVER}`);
    await write("own", 0, "attempts/2/logs/own.txt");
    await write("tensor", 0, "attempts/2/logs/events.out.tfevents.1");
    await write("metrics", 0, "attempts/2/journal/1.jsonl");
    await write("one", 0, `attempts/1/${DRIVER}`);
    await write("build", 0, "attempts/1/azureml-logs/20_image_build_log.txt");
    await change({ ...ended, attempts: [attempt(1), attempt(2)] });
    const files = (await toEnd(await logs())).flatMap(({ event, data }) =>
      event === "log" ? [[(data as LogChunk).attempt, (data as LogChunk).text]] : [],
    );
    expect(files).toEqual([[1, "build"], [1, "one"], [2, "two"], [2, "own"]]); // biome-ignore format: pairs
    expect(textOf(await toEnd(await logs(DRIVER)))).toBe("two");
    expect(textOf(await toEnd(await logs(`attempts/1/${DRIVER}`)))).toBe("one");
  });

  it("refuse a file that an ended run does not have, and an id that is not theirs", async () => {
    await change(ended);
    await expect(logs("azureml-logs/none.txt")).rejects.toThrow('no log file "azureml-logs/none.txt"');
    await expect(logs(null, "17")).rejects.toThrow("Last-Event-ID");
  });

  it("stop when the client leaves", async () => {
    const events = await logs();
    const all = toEnd(events);
    leaving.abort();
    await all;
  });
});

describe("change streams", () => {
  const changes = (lastEventId: string | null = null, runId: string | null = null) =>
    openChangeStream(store, feed, { workspace: "ws", runId, lastEventId, signal: leaving.signal });
  const next = async (events: AsyncIterator<ServerEvent>) => (await events.next()).value as ServerEvent;

  it("tell everything after an id once and in order", async () => {
    const open = changes()[Symbol.asyncIterator]();
    const { event, id: before } = await next(open);
    expect([event, before]).toEqual(["open", "0"]);
    await store.runs.create(newRun("run", { workspace: "ws" }));
    expect(await next(open)).toMatchObject({ event: "run", id: "1", data: { kind: "run", runId: "run", run: { status: "Queued" } } });
    await change(started);
    await store.runs.create({ ...newRun("other"), workspace: "elsewhere" });
    await store.runs.create(newRun("second", { workspace: "ws" }));
    const missed = await take(changes("1"), ({ data }) => (data as { runId?: string }).runId === "second");
    expect(missed.map(({ event: name, id, data }) => [name, id, (data as { runId?: string }).runId])).toEqual([
      ["open", "1", undefined],
      ["run", "2", "run"],
      ["run", "4", "second"],
    ]);
    expect((await take(changes("0", "second"), ({ event: name }) => name === "run")).at(-1)).toMatchObject({ id: "4" });
  });

  it("send a run that changed often once, as it is now", async () => {
    await store.runs.create(newRun("run", { workspace: "ws" }));
    await change(started);
    await change({ displayName: "now" });
    const events = await take(changes("0"), ({ event }) => event === "run");
    expect(events.at(-1)).toMatchObject({ id: "3", data: { run: { displayName: "now" } } });
    expect(events).toHaveLength(2);
  });

  it("say so when changes since the id are no longer kept", async () => {
    for (const id of ["a", "b", "c"]) await store.runs.create(newRun(id, { workspace: "ws" }));
    await store.events.prune(1);
    expect(await next(changes("1")[Symbol.asyncIterator]())).toMatchObject({ event: "missed", id: "3" });
    expect(await next(changes("2")[Symbol.asyncIterator]())).toMatchObject({ event: "open", id: "2" });
    expect(await next(changes("99")[Symbol.asyncIterator]())).toMatchObject({ event: "missed", id: "3" });
    expect(() => changes("x")).toThrow("Last-Event-ID");
  });
});
