// Clocks that jump, on the machine of the run and in the script itself: durations are those that really went by, order
// is that of writing, and nothing ends twice or never.
import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import type { Run } from "@switchyard/protocol";
import { afterEach, beforeEach, expect, it } from "vitest";
import { Desk } from "../support/desk.ts";
import { until } from "../support/wait.ts";

const DAY = 86_400;
const REAL_DATE = execFileSync("sh", ["-c", "command -v date"], { encoding: "utf8" }).trim();

/** A `date` that is off by as many seconds as the file says: the machine's clock as the supervisor reads it. */
const DATE = (offsetFile: string) => `#!/bin/sh
offset=0
{ read -r offset <${offsetFile}; } 2>/dev/null
now=$(${REAL_DATE} +%s)
exec ${REAL_DATE} -d "@$((now + offset)).5" "$@"
`;

const SCRIPT = `import os, sys, time
real, flags = time.time, sys.argv[1]
def jump(name, seconds):
    open(os.path.join(flags, name + "-reached"), "w").close()
    end = time.monotonic() + 600
    while not os.path.exists(os.path.join(flags, name)) and time.monotonic() < end:
        time.sleep(0.02)
    time.time = lambda: real() + seconds
from azureml.core import Run
run = Run.get_context()
for i in range(100):
    run.log("loss", i)
jump("back", -${DAY})
for i in range(100, 200):
    run.log("loss", i)
jump("forth", ${DAY})
for i in range(200, 300):
    run.log("loss", i)
print("done", flush=True)
`;

/** Sets the machine's clock itself, so that it has jumped whenever the time limit ends the script. */
const LIMITED = `import os, sys, time
offset = os.path.join(sys.argv[1], "offset")
with open(offset + ".new", "w") as file:
    file.write("-${DAY}\\n")
os.replace(offset + ".new", offset)
time.sleep(600)
`;

let desk: Desk;
let doubles: string;
beforeEach(() => {
  doubles = mkdtempSync(join(tmpdir(), "switchyard-clock-"));
  writeFileSync(join(doubles, "date"), DATE(join(doubles, "offset")));
  chmodSync(join(doubles, "date"), 0o755);
  setClock(0);
  desk = new Desk({ variables: { PATH: `${doubles}${delimiter}${process.env.PATH}` } });
  desk.write("train.py", SCRIPT);
});
afterEach(async () => {
  await desk.close();
  rmSync(doubles, { recursive: true });
});

/** Under another name first: somebody may be reading. */
function setClock(offsetSeconds: number): void {
  writeFileSync(join(doubles, "offset.new"), `${offsetSeconds}\n`);
  renameSync(join(doubles, "offset.new"), join(doubles, "offset"));
}
const reached = (name: string) => until(200, `the script reached ${name}`, async () => existsSync(join(doubles, `${name}-reached`)));
const ended = (runId: string) =>
  until(200, `${runId} has ended`, async () => {
    const run = await desk.show(runId);
    return run.endTimeUtc === null ? null : run;
  });

// A `date` that can be told an instant, as the double needs, is GNU's.
const onLinux = it.skipIf(process.platform !== "linux");

onLinux.each([
  ["back by a day", -DAY],
  ["ahead by a day", DAY],
])("the machine's clock jumps %s while a run goes on", async (_how, seconds) => {
  const began = performance.now();
  const { runId } = await desk.json<Run>("submit", "--async", "--max-seconds", "3600", "train.py", doubles);
  await reached("back");
  setClock(seconds);
  writeFileSync(join(doubles, "back"), "");
  await reached("forth");
  expect((await desk.show(runId)).status).toBe("Running");
  writeFileSync(join(doubles, "forth"), "");
  const run = await ended(runId);
  const upperBound = (performance.now() - began) / 1000;

  expect({ status: run.status, error: run.error, attempts: run.attempts.length }).toEqual({
    status: "Completed",
    error: null,
    attempts: 1,
  });
  expect(run.attempts[0]!.durationSeconds).toBeGreaterThan(0);
  expect(run.attempts[0]!.durationSeconds).toBeLessThan(upperBound + 1);
  expect(Date.parse(run.endTimeUtc!)).toBeGreaterThanOrEqual(Date.parse(run.startTimeUtc!));
  const points = await desk.json<{ values: number[] }>("run", "metrics", "-r", runId, "-n", "loss");
  expect(points.values).toEqual(Array.from({ length: 300 }, (_, i) => i));
  expect(run.metrics.loss).toBe(299);

  // What comes after is ordered by when it was submitted, whatever the machine's clock says.
  setClock(0);
  const next = await desk.json<Run>("submit", "--async", "train.py", doubles);
  expect((await ended(next.runId)).status).toBe("Completed");
  expect(await desk.json("run", "list", "--query", "[].runId")).toEqual([next.runId, runId]);
  const why = await desk.json<{ timeline: { what: string }[] }>("run", "why", "-r", runId);
  const order = why.timeline.map(({ what }) => what);
  expect(order.indexOf("submitted")).toBeLessThan(order.indexOf("started"));
  expect(order.indexOf("started")).toBeLessThan(order.length - 1);
});

onLinux("a time limit counts seconds that went by, not those that a clock skipped", async () => {
  desk.write("limited.py", LIMITED);
  const { runId } = await desk.json<Run>("submit", "--async", "--max-seconds", "4", "limited.py", doubles);
  const run = await ended(runId);
  expect(run).toMatchObject({ status: "Canceled", error: { code: "TimeLimit" } });
  expect(readFileSync(join(doubles, "offset"), "utf8")).toBe(`-${DAY}\n`);
  expect(run.attempts[0]!.durationSeconds).toBeGreaterThanOrEqual(2); // its clock starts a little before the script
  expect(run.attempts[0]!.durationSeconds).toBeLessThan(600);
});
