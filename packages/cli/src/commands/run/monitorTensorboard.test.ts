import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { fakeRun, runCli } from "../../../test/fakes.ts";

let place: string;
beforeEach(async () => {
  place = await mkdtemp(join(tmpdir(), "switchyard-board-"));
});
afterEach(() => rm(place, { recursive: true, force: true }));

const api = {
  getRun: async () => fakeRun({ runId: "r1" }),
  listRunFiles: async () => [{ path: "logs/events.out", size: 6, sha256: null, modifiedUtc: "2026-11-21T09:00:00.000Z" }],
  readRunFile: async () => new Response("events"),
};

it("brings ./logs and starts the tensorboard of PATH on it", async () => {
  const board = join(place, "tensorboard"); // a stand-in: what counts is what it is given, and that its end is ours
  await writeFile(board, `#!/bin/sh\necho "$@" > '${place}/given'\nexit 0\n`);
  await chmod(board, 0o755);
  const options = { api, cwd: place, env: { PATH: `${place}:/usr/bin:/bin` } };
  expect(await runCli(["run", "monitor-tensorboard", "-r", "r1", "--local-root", "tb", "--port", "6007"], options)).toMatchObject({
    code: 0,
  });
  expect(await readFile(join(place, "tb/logs/events.out"), "utf8")).toBe("events");
  expect((await readFile(join(place, "given"), "utf8")).trim()).toBe(`--logdir ${place}/tb/logs/ --port 6007`);
  await writeFile(board, "#!/bin/sh\nexit 3\n");
  expect((await runCli(["run", "monitor-tensorboard", "r1"], options)).code).toBe(1);
});

it("says what to install when there is none", async () => {
  const { code, stderr } = await runCli(["run", "monitor-tensorboard", "-r", "r1"], { api, cwd: place, env: { PATH: place } });
  expect(code).toBe(3);
  expect(stderr).toContain("pip install tensorboard");
});
