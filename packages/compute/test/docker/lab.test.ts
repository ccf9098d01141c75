import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, it } from "vitest";
import { baseImage, type DockerLab, SHARED_FOLDER_VARIABLE, startDocker } from "../../src/testing/docker/index.ts";
import { eventually } from "../supervisor/harness.ts";

const MINUTES_5 = 300_000;

it("starts one engine for all tests of a run, with an image that was made here", { timeout: MINUTES_5 }, async () => {
  const [one, two] = await Promise.all([startDocker(), startDocker()]);
  expect(two.env).toEqual(one.env);
  const image = await baseImage(one);
  expect(await baseImage(two)).toBe(image);
  expect(await one.run("run", "--rm", "--network", "host", image, "python3", "-c", "print(6 * 7)")).toBe("42");
  await one.close();
  expect(await two.run("image", "ls", "--quiet", image)).not.toBe("");
});

/** What a test run does that nobody lets finish. */
const UNFINISHED = `
  const { startDocker } = await import(process.argv[1]);
  const lab = await startDocker();
  console.log(lab.env.DOCKER_HOST);
  setInterval(() => {}, 1000);`;

it("leaves nothing of an engine whose owner was killed", { timeout: MINUTES_5 }, async () => {
  const temporary = mkdtempSync(join(tmpdir(), "sy-"));
  try {
    const index = new URL("../../src/testing/docker/index.ts", import.meta.url).href;
    const env: NodeJS.ProcessEnv = { ...process.env, TMPDIR: temporary };
    delete env[SHARED_FOLDER_VARIABLE];
    const owner = spawn(process.execPath, ["--input-type=module", "-e", UNFINISHED, index], { env, stdio: ["ignore", "pipe", "inherit"] });
    const [said] = (await once(owner.stdout!, "data")) as [Buffer];
    const root = dirname(String(said).trim().replace("unix://", ""));
    expect(existsSync(join(root, "dockerd.pid"))).toBe(true);
    owner.kill("SIGKILL");
    await eventually("the engine's folder is gone", () => !existsSync(root) && readdirSync(dirname(root)).length === 0, 60);
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
});

it("says which engine it is", async () => {
  const lab: DockerLab = await startDocker();
  await expect(lab.run("image", "inspect", "no-such-image")).rejects.toThrow(/No such image/);
});
