// A token that is revoked while it is in use: who held it is told, and the run it was about goes on.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Run, RunDetails } from "@switchyard/protocol";
import { afterAll, beforeAll, expect, it } from "vitest";
import { Desk, problemOf } from "../support/desk.ts";
import { until } from "../support/wait.ts";

const owner = new Desk();
let url: string;
beforeAll(async () => {
  owner.write(
    "train.py",
    `import os, sys, time
from azureml.core import Run
run = Run.get_context()
run.log("loss", 1)
print("waiting", flush=True)
end = time.monotonic() + 600
while not os.path.exists(sys.argv[1]) and time.monotonic() < end:
    time.sleep(0.02)
try:
    print("metrics", run.get_metrics(), flush=True)
except Exception as error:
    print("no metrics:", error, flush=True)
run.log("loss", 2)
open("outputs/model.txt", "w").write("model")
`,
  );
  ({ url } = await owner.json<{ url: string }>("up"));
});
afterAll(() => owner.close());

const ended = (runId: string) =>
  until(200, `${runId} has ended`, async () => {
    const run = await owner.show(runId);
    return run.endTimeUtc === null ? null : run;
  });

it("somebody who follows a run is told and let go; the run goes on and completes", async () => {
  const { tokenId, secret } = await owner.json<{ tokenId: string; secret: string }>("token", "create", "--note", "guest");
  const guest = new Desk({ variables: { SWITCHYARD_URL: url, SWITCHYARD_TOKEN: secret } });
  try {
    guest.write("train.py", "print('x')\n");
    const go = join(owner.place, "go-user");
    const { runId } = await owner.json<Run>("submit", "--async", "train.py", go);
    const following = guest.begin("run", "monitor-logs", "-r", runId);
    await following.until("waiting");
    await owner.json("token", "revoke", tokenId);
    const told = await following.ended;
    expect(told.code).toBe(1);
    expect(problemOf(told)).toMatchObject({ code: "unauthenticated" });
    expect(told.stderr).toMatch(/revoked|unknown|not valid/);
    for (const argv of [
      ["run", "list"],
      ["submit", "train.py"],
      ["run", "cancel", "-r", runId],
    ]) {
      expect(await guest.switchyard(...argv)).toMatchObject({ code: 1, stderr: expect.stringContaining("unauthenticated") });
    }
    writeFileSync(go, "");
    expect(await ended(runId)).toMatchObject({ status: "Completed", metrics: { loss: 2 } } satisfies Partial<RunDetails>);
  } finally {
    await guest.close();
  }
});

it("a run whose own token is revoked keeps its metrics, log and outputs; only its questions are refused", async () => {
  const go = join(owner.place, "go-run");
  const { runId } = await owner.json<Run>("submit", "--async", "train.py", go);
  await until(200, "the script waits", async () => (await owner.show(runId)).metrics.loss === 1);
  const tokens = await owner.json<{ tokenId: string; runId: string | null }[]>("token", "list");
  const own = tokens.find((token) => token.runId === runId);
  await owner.json("token", "revoke", own!.tokenId);
  writeFileSync(go, "");
  expect(await ended(runId)).toMatchObject({ status: "Completed", metrics: { loss: 2 } } satisfies Partial<RunDetails>);
  const log = await owner.switchyard("run", "monitor-logs", "-r", runId);
  expect(log.stdout).toMatch(/no metrics: .*token/);
  await owner.json("run", "download", "-r", runId, "-d", "got");
});
