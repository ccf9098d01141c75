// What scripts write that nobody would expect: endless lines, bytes that are no text, numbers that are no numbers, and
// very many of them.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import type { Run, RunDetails } from "@switchyard/protocol";
import { scanFolder, uploadSnapshot } from "@switchyard/sdk/node";
import { expect, it } from "vitest";
import { serverAndDesk } from "../support/serverAndDesk.ts";
import { until } from "../support/wait.ts";

const LOG = "azureml-logs/80_driver_log.txt";
const MEMORY_LIMIT = 400 * 1024 * 1024;
const { server, desk } = serverAndDesk();

async function submit(script: string): Promise<Run> {
  desk.write("train.py", script);
  const snapshot = await uploadSnapshot(server.client, "default", await scanFolder(desk.project, { home: null }));
  return server.client.submitRun({
    params: { workspace: "default" },
    body: {
      experimentName: "odd",
      snapshotId: snapshot.snapshotId,
      runConfiguration: { script: "train.py", environment: { python: { userManagedDependencies: true, interpreterPath: "python3" } } },
    },
  });
}

const paramsOf = ({ runId }: Pick<Run, "runId">) => ({ workspace: "default", runId });
const log = async (run: Run) => (await server.client.readRunFile({ params: { ...paramsOf(run), path: LOG } })).body!;

/** Waits for the end of a run and says what the server's memory came to meanwhile. */
async function completed(run: Run, seconds: number): Promise<{ run: RunDetails; peakBytes: number }> {
  let peakBytes = 0;
  const ended = await until(seconds, `${run.runId} has ended`, async () => {
    peakBytes = Math.max(peakBytes, residentBytes(server.pid!));
    const now = await server.client.getRun({ params: paramsOf(run) });
    return now.endTimeUtc === null ? null : now;
  });
  expect({ status: ended.status, error: ended.error }).toEqual({ status: "Completed", error: null });
  return { run: ended, peakBytes };
}

/** Memory of a process now; 0 where the system does not tell. */
function residentBytes(pid: number): number {
  try {
    return 1024 * Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0);
  } catch {
    return 0;
  }
}

it("a log line of 1 GB comes home whole, in a server that stays small", async () => {
  const run = await submit(`import os
block = b"x" * (1 << 20)
for _ in range(1024):
    view = memoryview(block)
    while len(view):
        view = view[os.write(1, view):]
os.write(1, b"\\nend\\n")
`);
  const { peakBytes } = await completed(run, 300);
  let bytes = 0;
  let tail = Buffer.alloc(0);
  for await (const chunk of await log(run)) {
    bytes += chunk.length;
    tail = Buffer.concat([tail, chunk]).subarray(-6);
  }
  expect({ bytes, tail: tail.toString() }).toEqual({ bytes: 1024 ** 3 + 5, tail: "x\nend\n" });
  expect(peakBytes).toBeLessThan(MEMORY_LIMIT);
  const why = await server.client.whyRun({ params: paramsOf(run) });
  expect(JSON.stringify(why).length).toBeLessThan(100_000);
});

it("bytes that are not UTF-8 stay as they are in the file, and are U+FFFD where text is shown", async () => {
  const run = await submit(`import os
os.write(1, b"caf\\xe9 \\xff\\xfe\\n")
os.write(1, "gr\\u00fc\\u00df \\U0001f600".encode()[:-2])
os.write(1, "\\U0001f600".encode()[2:] + b"\\x00\\x1b[31mred\\n")
os.write(1, b"\\xe2\\x82")
`);
  await completed(run, 300);
  const expected = Buffer.concat([
    Buffer.from([0x63, 0x61, 0x66, 0xe9, 0x20, 0xff, 0xfe, 0x0a]),
    Buffer.from("grüß 😀"),
    Buffer.from("\0\x1b[31mred\n"),
    Buffer.from([0xe2, 0x82]),
  ]);
  const chunks: Uint8Array[] = [];
  for await (const chunk of await log(run)) chunks.push(chunk);
  expect(Buffer.concat(chunks)).toEqual(expected);
  let streamed = "";
  for await (const event of server.client.logs({ params: paramsOf(run), query: { file: LOG } })) {
    if (event.kind === "log") streamed += event.text;
    if (event.kind === "end") break;
  }
  expect(streamed).toBe("caf\ufffd \ufffd\ufffd\ngrüß 😀\0\x1b[31mred\n\ufffd");
});

it("NaN and infinities are kept in order and left out of minimum and maximum", async () => {
  const run = await submit(`from azureml.core import Run
run = Run.get_context()
for value in (1.5, float("nan"), float("inf"), -float("inf"), 1e308, 5e-324, -0.0, True, 10**400, 0.5):
    try:
        run.log("loss", value)
    except Exception as error:
        print(type(error).__name__, error)
`);
  const { run: ended } = await completed(run, 300);
  const { values } = await server.client.readMetric({ params: { ...paramsOf(run), name: "loss" }, query: {} });
  expect(values.slice(0, 6)).toEqual([1.5, "NaN", "Infinity", "-Infinity", 1e308, 5e-324]);
  expect(ended.metrics.loss).toBe(0.5);
  const [summary] = await server.client.listMetrics({ params: paramsOf(run), query: {} });
  expect(summary).toMatchObject({ name: "loss", min: 0, max: 1e308, last: 0.5, count: values.length });
});

// 10^7 points are the same path ten times: `POINTS=10000000 npm run bench -- --only ingest` has time for them.
it("a million points logged one by one are all there, once and in order, and a chart of them is small and quick", async () => {
  const points = 1_000_000;
  const run = await submit(`from azureml.core import Run
run = Run.get_context()
for i in range(${points}):
    run.log("loss", i)
`);
  const { run: ended, peakBytes } = await completed(run, 300);
  expect(ended.metrics.loss).toBe(points - 1);
  expect(peakBytes).toBeLessThan(MEMORY_LIMIT);
  const params = { ...paramsOf(run), name: "loss" };
  const all = await server.client.readMetric({ params, query: { maxPoints: 5_000_000 } });
  expect(all.total).toBe(points);
  const inOrder = createHash("sha256")
    .update(Float64Array.from(all.values as number[]))
    .digest("hex");
  expect(inOrder).toBe(
    createHash("sha256")
      .update(Float64Array.from({ length: points }, (_, i) => i))
      .digest("hex"),
  );
  const chart = await server.client.readMetric({ params, query: { maxPoints: 1000 } });
  expect(chart.values.length).toBeLessThanOrEqual(1000);
  expect([chart.values[0], chart.values.at(-1)]).toEqual([0, points - 1]);
});

it("a row with a million columns or a journal line beyond all measure does not stop the run or what follows", async () => {
  const run = await submit(`from azureml.core import Run
run = Run.get_context()
run.log("before", 1)
try:
    run.log_list("huge", list(range(4000000)))
except Exception as error:
    print(type(error).__name__, error)
run.log("after", 2)
`);
  const { run: ended } = await completed(run, 300);
  expect(ended.metrics).toMatchObject({ before: 1, after: 2 });
  expect(ended.metrics.huge ?? ended.warnings.join(" ")).toMatch(/journal|record|line/);
});
