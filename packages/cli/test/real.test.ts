import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, open, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const BIN = fileURLToPath(new URL("../bin/switchyard.mjs", import.meta.url));
/** A server starts, a run runs, on a machine that is busy with other suites. */
const PATIENCE_MS = 180_000;

let place: string;
let project: string;

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function start(
  argv: readonly string[],
  nodeOptions: readonly string[] = [],
): { child: ChildProcess; ended: Promise<Ended>; until(text: string): Promise<void> } {
  const { SWITCHYARD_URL: _, VIRTUAL_ENV: __, CONDA_PREFIX: ___, ...env } = process.env;
  const child = spawn(process.execPath, [...nodeOptions, BIN, ...argv], {
    cwd: project,
    env: { ...env, SWITCHYARD_HOME: join(place, "home") },
  });
  const written = { stdout: "", stderr: "" };
  const looks = new Set<() => void>();
  for (const name of ["stdout", "stderr"] as const) {
    child[name].on("data", (chunk) => {
      written[name] += chunk;
      for (const look of looks) look();
    });
  }
  return {
    child,
    ended: once(child, "close").then(([code]) => ({ code, ...written })),
    until: (text) =>
      new Promise((found) => {
        const look = () => {
          if ((written.stdout + written.stderr).includes(text)) found();
        };
        looks.add(look);
        look();
      }),
  };
}

const switchyard = (...argv: string[]) => start(argv).ended;

beforeAll(async () => {
  place = await mkdtemp(join(tmpdir(), "switchyard-cli-"));
  project = join(place, "my project");
  await mkdir(project);
  await writeFile(
    join(project, "train.py"),
    [
      "import os, sys",
      "from azureml.core import Run",
      "Run.get_context().log('accuracy', 0.5)",
      "os.makedirs('outputs', exist_ok=True)",
      "open('outputs/model.txt', 'w').write('model')",
      "print('arguments', sys.argv[1:])",
    ].join("\n"),
  );
  await writeFile(join(project, "fail.py"), "import sys; sys.exit(3)\n");
  // ends when its file appears: the test says when
  await writeFile(
    join(project, "wait.py"),
    "import os, sys, time\nprint('waiting', flush=True)\nwhile not os.path.exists(sys.argv[1]): time.sleep(0.02)\n",
  );
});
afterAll(async () => {
  await switchyard("down");
  await rm(place, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 }); // what runs have left may still be ending
}, PATIENCE_MS);

describe("the command line against a real server", () => {
  it("submits a script without YAML and without a server started by hand", { timeout: PATIENCE_MS }, async () => {
    const { code, stdout, stderr } = await switchyard("submit", "--tag", "team=a", "train.py", "--epochs", "5");
    expect(stderr).toContain("arguments ['--epochs', '5']");
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      status: "Completed",
      experimentName: "my-project",
      metrics: { accuracy: 0.5 },
      tags: { team: "a" },
    });
  });

  it.skipIf(!existsSync("/dev/full"))("fails when what it says finds no room on the disk", { timeout: PATIENCE_MS }, async () => {
    const full = await open("/dev/full", "w");
    const child = spawn(process.execPath, [BIN, "--help"], { stdio: ["ignore", full.fd, "pipe"] });
    let said = "";
    child.stderr!.on("data", (chunk) => {
      said += chunk;
    });
    expect(await once(child, "close")).toEqual([1, null]);
    await full.close();
    expect(said).toContain('Cannot use "standard output": the disk is full');
  });

  it("ends with 1 when the script fails, and tells why", { timeout: PATIENCE_MS }, async () => {
    const failed = await switchyard("submit", "-e", "failing", "fail.py");
    expect(failed.code).toBe(1);
    const why = await switchyard("run", "why", JSON.parse(failed.stdout).runId);
    expect(JSON.parse(why.stdout)).toMatchObject({ status: "Failed" });
  });

  it("lists with a query, shows, downloads and runs again", { timeout: PATIENCE_MS }, async () => {
    const list = await switchyard(
      "run",
      "list",
      "-e",
      "my-project",
      "--query",
      "[?status=='Completed'].{id:runId,acc:metrics.accuracy}",
      "-o",
      "tsv",
    );
    const [runId, accuracy] = list.stdout.trim().split("\t") as [string, string];
    expect(accuracy).toBe("0.5");
    expect(JSON.parse((await switchyard("run", "show", "-r", runId)).stdout)).toMatchObject({ runId, target: "local" });
    expect(await switchyard("run", "download", "-r", runId, "-d", "got")).toMatchObject({ code: 0 });
    expect(await readFile(join(project, "got", "outputs", "model.txt"), "utf8")).toBe("model");
    const again = await switchyard("run", "rerun", "-r", runId, "--", "--epochs", "6");
    expect(again).toMatchObject({ code: 0 });
    const diff = JSON.parse((await switchyard("run", "diff", "-r", runId, JSON.parse(again.stdout).runId)).stdout);
    expect(diff.code).toEqual([]);
    expect(JSON.stringify(diff.arguments)).toContain("6");
  });

  it("uses the run configuration of an attached folder, and names its mistakes", { timeout: PATIENCE_MS }, async () => {
    expect(await switchyard("folder", "attach", "-e", "attached")).toMatchObject({ code: 0 });
    const mine =
      "script: train.py\narguments: [a]\nenvironment:\n  python:\n    userManagedDependencies: true\n    interpreterPath: python3\n";
    await writeFile(join(project, ".azureml", "mine.runconfig"), mine);
    const done = await switchyard("run", "submit-script", "-c", "mine");
    expect(done.stderr).toContain("arguments ['a']");
    expect(JSON.parse(done.stdout)).toMatchObject({ status: "Completed", experimentName: "attached" });
    await writeFile(
      join(project, ".azureml", "wrong.runconfig"),
      mine.replace("interpreterPath", "interpreterPth").replace("[a]", "{a: b}"),
    );
    const wrong = await switchyard("run", "submit-script", "-c", "wrong");
    expect(wrong.code).toBe(2);
    expect(wrong.stderr).toMatch(/wrong\.runconfig:2:\d+: error/);
    expect(wrong.stderr).toContain("interpreterPath");
    await rm(join(project, ".azureml"), { recursive: true });
    await rm(join(project, ".amlignore"));
  });

  it("detaches at Ctrl-C and leaves the run alone", { timeout: PATIENCE_MS }, async () => {
    const go = join(place, "go");
    const watching = start(["submit", "-e", "waiting", "wait.py", go]);
    await watching.until("waiting\n");
    watching.child.kill("SIGINT");
    const detached = await watching.ended;
    expect(detached.code).toBe(130);
    expect(detached.stderr).toContain("The run goes on");
    const runId = /RunId: (\S+)/.exec(detached.stderr)![1]!;
    await writeFile(go, "");
    expect(await switchyard("run", "monitor-logs", "-r", runId)).toMatchObject({ code: 0, stdout: "waiting\n" });
  });

  it("cancels a run, which then ends as Canceled", { timeout: PATIENCE_MS }, async () => {
    const { stdout } = await switchyard("submit", "--async", "wait.py", join(place, "never"));
    const { runId } = JSON.parse(stdout);
    expect(await switchyard("run", "cancel", "-r", runId, "--grace", "1")).toMatchObject({ code: 0 });
    const ended = await switchyard("run", "monitor-logs", "-r", runId, "-o", "json");
    expect(ended.code).toBe(1);
    expect(JSON.parse(ended.stdout)).toMatchObject({ status: "Canceled" });
  });

  it("ends with 3 for what is not there and with 2 for bad usage", { timeout: PATIENCE_MS }, async () => {
    const missing = await switchyard("run", "show", "-r", "no-such-run");
    expect(missing.code).toBe(3);
    expect(missing.stderr).toContain('"code":"not_found"');
    expect(await switchyard("submit", "--target", "nowhere", "train.py")).toMatchObject({ code: 2 });
    expect(await switchyard("run", "list", "--where", "metrics.loss <<< 1")).toMatchObject({ code: 2 });
  });

  it("is quiet when nobody reads its output to the end", { timeout: PATIENCE_MS }, async () => {
    const listing = start(["run", "list", "-o", "yaml"]);
    listing.child.stdout!.destroy();
    expect((await listing.ended).stderr).toBe("");
  });

  it("tells status and stops the server; then nothing answers", { timeout: PATIENCE_MS }, async () => {
    expect(JSON.parse((await switchyard("status")).stdout)).toMatchObject({ running: true, home: join(place, "home") });
    expect(await switchyard("down")).toMatchObject({ code: 0 });
    expect(await switchyard("status")).toMatchObject({ code: 4 });
  });

  it("says on an old Node what to do, in one line", async () => {
    const old = "data:text/javascript,Object.defineProperty(process,'versions',{value:{...process.versions,node:'20.19.1'}})";
    const { code, stderr } = await start(["status"], ["--import", old]).ended;
    expect(code).toBe(1);
    expect(stderr).toMatch(/^switchyard needs Node 22\.13 or newer and this is Node 20\.19\.1: .*\n$/);
  });
});
