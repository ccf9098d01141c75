import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { fakeRun, fakeWorld, runCli } from "../../test/fakes.ts";
import { run } from "../program.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "switchyard-submit-"));
  await writeFile(join(folder, "train.py"), "print('hello')\n");
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const sdk = {
  scanFolder: async () => ({ root: "0".repeat(64), trees: new Map(), files: 1, bytes: 15, warnings: ["a warning"], excluded: [] }),
  uploadSnapshot: async () => ({ snapshotId: "a-snapshot" }),
  gitProperties: async () => ({ "azureml.git.branch": "main" }),
};

interface Sent {
  body: { experimentName: string; runConfiguration: Record<string, unknown> } & Record<string, unknown>;
  idempotencyKey: string;
}

/** A server that takes one run, which prints two lines and ends. */
function fakeServer(ended: Record<string, unknown> = {}) {
  const sent: Sent[] = [];
  const api = {
    submitRun: async (input: Sent) => {
      sent.push(input);
      return fakeRun({ status: "Queued", startTimeUtc: null, endTimeUtc: null, warnings: ["from the server"] });
    },
    async *logs() {
      yield { kind: "status", status: "Running" };
      yield { kind: "log", id: "1", file: "azureml-logs/20_image_build_log.txt", attempt: 1, offset: 6, text: "built\n" };
      yield { kind: "log", id: "2", file: "azureml-logs/80_driver_log.txt", attempt: 1, offset: 5, text: "hello" };
      yield { kind: "end", status: "Completed" };
    },
    getRun: async () => fakeRun(ended),
    listRunFiles: async () => [{ path: "outputs/model.pkl", size: 1_234_567, modifiedUtc: "", sha256: null }],
    whyRun: async () => ({
      summary: "The script ended with exit code 3.",
      hints: ["Look at the last lines."],
      lastLines: [],
      timeline: [],
    }),
  };
  return { api, sent };
}

describe("submit", () => {
  it("submits the folder with python3 when there is no configuration, and follows the run", async () => {
    const { api, sent } = fakeServer();
    const { code, stdout, stderr } = await runCli(
      ["submit", "-e", "mnist", "--tag", "team=vision", "train.py", "--epochs", "5", "-o", "x"],
      {
        api,
        sdk,
        cwd: folder,
      },
    );
    expect(code).toBe(0);
    expect(sent).toHaveLength(1);
    expect(sent[0]!.body).toEqual({
      experimentName: "mnist",
      snapshotId: "a-snapshot",
      properties: { "azureml.git.branch": "main" },
      tags: { team: "vision" },
      runConfiguration: {
        script: "train.py",
        arguments: ["--epochs", "5", "-o", "x"],
        target: "local",
        environment: { python: { userManagedDependencies: true, interpreterPath: "python3" } },
        environmentVariables: {},
      },
    });
    expect(sent[0]!.idempotencyKey).toMatch(/^[0-9a-f-]{36}$/);
    expect(JSON.parse(stdout)).toMatchObject({ status: "Completed" });
    expect(stderr).toContain("Warning: a warning");
    expect(stderr).toContain("Warning: from the server");
    expect(stderr).toContain("RunId: mnist_1763719200_0badcafe");
    expect(stderr).toContain("Streaming azureml-logs/20_image_build_log.txt\n===");
    expect(stderr).toMatch(/built\n\nStreaming azureml-logs\/80_driver_log\.txt\n=+\nhello\n/);
  });

  it("shows a person the log and a summary with what to do next", async () => {
    const { api } = fakeServer();
    const options = { api, sdk, cwd: folder, terminal: true, env: { NO_COLOR: "1" } };
    const { stdout } = await runCli(["submit", "train.py"], options);
    expect(stdout).toContain("hello\n");
    for (const part of ["Status", "Completed", "12 s", "accuracy", "0.97", "outputs/model.pkl (1.2 MB)", "run download -r mnist_"]) {
      expect(stdout).toContain(part);
    }
  });

  it("ends with 1 when the run failed, and says why", async () => {
    const { api } = fakeServer({ status: "Failed", error: { code: "ExitCode", message: "exit code 3" } });
    const options = { api, sdk, cwd: folder, terminal: true, env: { NO_COLOR: "1" } };
    const { code, stdout } = await runCli(["submit", "train.py"], options);
    expect(code).toBe(1);
    expect(stdout).toContain("The script ended with exit code 3.");
    expect((await runCli(["submit", "train.py"], { ...options, api: fakeServer({ status: "Canceled" }).api })).code).toBe(1);
  });

  it.each(["job_rejected", "environment_unusable"])(
    "ends with 2 when the run was refused (%s): none was made that could fail",
    async (code) => {
      const submitRun = async () => {
        throw Object.assign(new Error("Ask for fewer nodes."), { code });
      };
      const refused = await runCli(["submit", "train.py"], { api: { submitRun }, sdk, cwd: folder });
      expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining("Ask for fewer nodes.") });
    },
  );

  it("returns at once with --async, and writes the run to a file", async () => {
    const { api } = fakeServer();
    const { code, stdout, stderr } = await runCli(["submit", "--async", "-t", "run.json", "train.py"], { api, sdk, cwd: folder });
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ status: "Queued" });
    expect(stderr).not.toContain("hello");
    expect(JSON.parse(await readFile(join(folder, "run.json"), "utf8"))).toMatchObject({ status: "Queued" });
  });

  it("ends as the run did when the file for its result is gone by then, and says so", async () => {
    await mkdir(join(folder, "results"));
    const { api } = fakeServer({ status: "Failed" });
    const getRun = async () => {
      await rm(join(folder, "results"), { recursive: true });
      return api.getRun();
    };
    const argv = ["submit", "-t", "results/run.json", "train.py"];
    const { code, stdout, stderr } = await runCli(argv, { api: { ...api, getRun }, sdk, cwd: folder });
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ status: "Failed" });
    expect(stderr).toContain('Warning: The result was not written to "results/run.json".');
  });

  it("detaches at the first Ctrl-C: the run goes on, and how to stop it is said", async () => {
    const { api } = fakeServer();
    const world = fakeWorld({
      cwd: folder,
      sdk,
      api: {
        ...api,
        async *logs({ signal }: { signal: AbortSignal }) {
          yield { kind: "log", id: "1", file: "f", attempt: 1, offset: 1, text: "one\n" };
          const aborted = new Promise((done) => signal.addEventListener("abort", done));
          world.interrupt();
          await aborted;
        },
      },
    });
    expect(await run(["submit", "train.py"], world)).toBe(130);
    expect(world.stderr.text).toContain("The run goes on");
    expect(world.stderr.text).toContain("switchyard run cancel -r mnist_1763719200_0badcafe");
  });

  it("takes the active environment, else the interpreter that is named", async () => {
    const interpreter = async (argv: string[], env: Record<string, string> = {}) => {
      const { api, sent } = fakeServer();
      const done = await runCli(["submit", "--async", ...argv, "train.py"], { api, sdk, cwd: folder, env });
      expect(done.stderr, done.stderr).not.toContain("Error");
      return (sent[0]!.body.runConfiguration.environment as { python: unknown }).python;
    };
    const user = (interpreterPath: string) => ({ userManagedDependencies: true, interpreterPath });
    expect(await interpreter([], { VIRTUAL_ENV: "/venv", CONDA_PREFIX: "/conda" })).toEqual(user("/venv/bin/python"));
    expect(await interpreter([], { CONDA_PREFIX: "/conda" })).toEqual(user("/conda/bin/python"));
    expect(await interpreter(["--target", "gpu"], { VIRTUAL_ENV: "/venv" })).toEqual(user("python3"));
    expect(await interpreter(["--python", "python3.12"])).toEqual(user("python3.12"));
    await writeFile(join(folder, "my-python"), "");
    expect(await interpreter(["--python", "./my-python"])).toEqual(user(join(folder, "my-python")));
  });

  it("refuses a script that an ignore file keeps at home", async () => {
    const scan = { ...(await sdk.scanFolder()), excluded: ["data/", "train.py"] };
    const { code, stderr } = await runCli(["submit", "train.py"], { sdk: { ...sdk, scanFolder: async () => scan }, cwd: folder });
    expect(code).toBe(2);
    expect(stderr).toContain("would not travel");
  });

  it("builds an environment from a requirements file", async () => {
    await writeFile(join(folder, "requirements.txt"), "numpy\n");
    const { api, sent } = fakeServer();
    await runCli(["submit", "--async", "--pip-requirements", "requirements.txt", "--env", "A=b", "--max-seconds", "1h", "train.py"], {
      api,
      sdk,
      cwd: folder,
    });
    expect(sent[0]!.body.runConfiguration).toMatchObject({
      maxRunDurationSeconds: 3600,
      environmentVariables: { A: "b" },
      environment: {
        python: { userManagedDependencies: false, condaDependencies: { dependencies: ["python", "pip", { pip: ["numpy"] }] } },
      },
    });
  });

  it("only names an environment of the workspace, from the file or the command line", async () => {
    await mkdir(join(folder, ".azureml"));
    const text = "script: train.py\nenvironment: {name: sklearn, version: '2', environmentVariables: {A: b}}\n";
    await writeFile(join(folder, ".azureml", "named.runconfig"), text);
    const environment = async (...argv: string[]) => {
      const { api, sent } = fakeServer();
      await runCli(["submit", "--async", ...argv, "train.py"], { api, sdk, cwd: folder });
      return sent[0]!.body.runConfiguration.environment;
    };
    expect(await environment("-c", "named")).toEqual({ name: "sklearn", version: "2", environmentVariables: { A: "b" } });
    expect(await environment("--environment", "sklearn")).toEqual({ name: "sklearn" });
    expect(await environment("-c", "named", "--environment", "torch:3")).toEqual({ name: "torch", version: "3" });
    // with another Python it is not that environment any more
    const python = { userManagedDependencies: true, interpreterPath: "python3.12" };
    expect(await environment("-c", "named", "--python", "python3.12")).toEqual({ environmentVariables: { A: "b" }, python });
  });

  it.each([
    [
      ["--node-count", "4", "--communicator", "mpi", "train.py", "--target", "mine"],
      { nodeCount: 4, communicator: "Mpi", mpi: {} },
      ["--target", "mine"],
    ],
    [
      ["--communicator", "OPENMPI", "--process-count-per-node", "2", "train.py"],
      { communicator: "OpenMpi", mpi: { processCountPerNode: 2 } },
      [],
    ],
    [
      ["--node-count", "3", "--communicator", "nccl", "--process-count-per-node", "2", "train.py"],
      { nodeCount: 3, communicator: "Nccl", pyTorch: { communicationBackend: "nccl", processCount: 6 } },
      [],
    ],
    [["--communicator", "gloo", "train.py"], { communicator: "Gloo" }, []],
    [["--communicator", "none", "--process-count-per-node", "1", "train.py"], { communicator: "None" }, []],
  ])("run submit-script sends what %j says of nodes and processes", async (argv, configuration, args) => {
    const { api, sent } = fakeServer();
    const { code } = await runCli(["run", "submit-script", "--async", "--ct", "hpc", ...argv], { api, sdk, cwd: folder });
    expect(code).toBe(0);
    expect(sent[0]!.body.runConfiguration).toMatchObject({ target: "hpc", ...configuration });
    expect(sent[0]!.body.runConfiguration.arguments ?? []).toEqual(args);
  });

  it("takes the processes for each node over a run configuration's nodes", async () => {
    await mkdir(join(folder, ".azureml"));
    const text =
      "script: train.py\ntarget: hpc\nframework: PyTorch\ncommunicator: Gloo\nnodeCount: 4\nenvironment: {python: {userManagedDependencies: true}}\n";
    await writeFile(join(folder, ".azureml", "ddp.runconfig"), text);
    const { api, sent } = fakeServer();
    await runCli(["submit", "-c", "ddp", "--async", "--process-count-per-node", "2"], { api, sdk, cwd: folder });
    expect(sent[0]!.body.runConfiguration).toMatchObject({ nodeCount: 4, pyTorch: { communicationBackend: "gloo", processCount: 8 } });
  });

  it.each([
    [["train.py", "--target", "gpu-box"], "gpu-box", []],
    [["train.py", "--epochs", "5", "--ct=hpc", "--node-count", "2", "-o", "x"], "hpc", ["--epochs", "5", "-o", "x"]],
    [["--target", "a", "train.py", "--", "--target", "5"], "a", ["--target", "5"]],
    [["train.py", "x", "--target", "b", "--", "--target", "5"], "b", ["x", "--", "--target", "5"]],
  ])("submit takes where to run also behind the script: %j", async (argv, target, args) => {
    const { api, sent } = fakeServer();
    expect((await runCli(["submit", "--async", ...argv], { api, sdk, cwd: folder })).code).toBe(0);
    const { runConfiguration } = sent[0]!.body;
    expect([runConfiguration.target, runConfiguration.arguments ?? []]).toEqual([target, args]);
  });

  it("finds a script where the person stands, if it is inside the source folder", async () => {
    await mkdir(join(folder, "src"));
    await writeFile(join(folder, "src", "inner.py"), "");
    const { api, sent } = fakeServer();
    await runCli(["submit", "--async", "--path", folder, "inner.py"], { api, sdk, cwd: join(folder, "src") });
    expect(sent[0]!.body.runConfiguration.script).toBe("src/inner.py");
  });

  it.each([
    [["submit", "trian.py"], "Did you mean train.py?", 2],
    [["submit", "/etc/hostname"], "lies outside of", 2],
    [["submit", "."], "is a folder", 2],
    [["submit"], "Which script?", 2],
    [["submit", "--source-directory", "nowhere", "train.py"], 'nowhere" does not exist', 2],
    [["submit", "--source-directory", "train.py", "train.py"], "is not a folder", 2],
    [["submit", "--python", "./none", "train.py"], "There is no Python at", 2],
    [["submit", "--python", "p", "--conda-file", "c.yml", "train.py"], "--python and --conda-file name different environments", 2],
    [["submit", "--environment", "a", "--python", "p", "train.py"], "--python and --environment name different environments", 2],
    [["submit", "--environment", "a:", "train.py"], "is not NAME or NAME:VERSION", 2],
    [["submit", "--conda-file", "c.yml", "train.py"], 'c.yml" does not exist', 3],
    [["submit", "-t", "nowhere/run.json", "train.py"], 'nowhere": it does not exist', 2],
    [["submit", "-t", ".", "train.py"], "It is a folder", 2],
    [["submit", "-t", "train.py/run.json", "train.py"], "a part of the path is not a folder", 2],
    [["submit", "-c", "gpu", "train.py"], 'There is no run configuration "gpu"', 3],
    [["submit", "train.py", "--target"], "Option --target has no value", 2],
    [["submit", "--node-count", "0", "train.py"], "a run needs at least one", 2],
    [["submit", "--communicator", "mpii", "train.py"], "Did you mean Mpi?", 2],
    [["submit", "--process-count-per-node", "2", "train.py"], "with no communicator there is one process", 2],
    [
      ["submit", "--communicator", "parameterserver", "--process-count-per-node", "2", "train.py"],
      "with the communicator ParameterServer",
      2,
    ],
    [["submit", "--env", "A", "train.py"], "Write A=VALUE", 2],
  ])("refuses %j before a server is started", async (argv, message, exitCode) => {
    const connect = async () => {
      throw new Error("the server was asked");
    };
    const { code, stderr } = await runCli(argv, { sdk: { ...sdk, connect }, cwd: folder });
    expect(stderr).toContain(message);
    expect(code).toBe(exitCode);
  });
});
