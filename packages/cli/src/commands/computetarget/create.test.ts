import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { fakeTarget, fakeWorld, runCli } from "../../../test/fakes.ts";
import { run } from "../../program.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "switchyard-create-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const PUBLIC_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIIlx ada@desk";

/** A server on which making a target ends as a test says. */
function fakeServer(ended: Record<string, unknown> = {}) {
  const bodies: Record<string, unknown>[] = [];
  const createTarget = async ({ body }: { body: Record<string, unknown> }) => {
    bodies.push(JSON.parse(JSON.stringify(body)));
    return fakeTarget({ name: body.name, provisioningState: "Creating" });
  };
  const waitForTarget = async ({ params, onProgress }: { params: { name: string }; onProgress(target: unknown): void }) => {
    onProgress(fakeTarget({ provisioningState: "Creating" }));
    return fakeTarget({ name: params.name, ...ended });
  };
  return { bodies, api: { createTarget, waitForTarget } };
}

const create = ["computetarget", "create"];

describe("computetarget create", () => {
  it("sends what the options say, and the defaults", async () => {
    const { api, bodies } = fakeServer();
    const argv = [...create, "amlcompute", "--name", "cluster", "--vm-size", "STANDARD_D2_V2", "--max-nodes", "4", "--tag", "team=a"];
    const { code, stdout } = await runCli(argv, { api });
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ name: "cluster", provisioningState: "Succeeded" });
    expect(bodies).toEqual([
      {
        type: "amlcompute",
        name: "cluster",
        tags: { team: "a" },
        settings: {
          vmSize: "STANDARD_D2_V2",
          vmPriority: "dedicated",
          minNodes: 0,
          maxNodes: 4,
          idleSecondsBeforeScaledown: 120,
          backend: "local",
          isolation: "processes",
        },
      },
    ]);
  });

  it("sends all of a cluster on Slurm behind a log-in node, with its password from standard input", async () => {
    const { api, bodies } = fakeServer();
    const slurm = ["--backend", "slurm", "--partition", "gpu", "--account", "a", "--qos", "q", "--sbatch-option", "--gres=gpu:1"];
    const login = ["--login-address", "hpc", "--login-user", "me", "--login-jump", "me@gate:2222", "--login-password", "-"];
    const more = ["--site-root", "/scratch/me", "-p", "LowPriority", "--max-nodes", "16", "--idle-seconds-before-scaledown", "10m"];
    const { code } = await runCli([...create, "amlcompute", "-n", "hpc", ...slurm, ...login, ...more], { api, input: "secret\n" });
    expect(code).toBe(0);
    expect(bodies[0]).toMatchObject({
      settings: {
        backend: "slurm",
        isolation: "processes",
        vmPriority: "lowpriority",
        maxNodes: 16,
        idleSecondsBeforeScaledown: 600,
        slurm: {
          partition: "gpu",
          account: "a",
          qos: "q",
          options: ["--gres=gpu:1"],
          siteRoot: "/scratch/me",
          login: { address: "hpc", username: "me", jump: [{ address: "gate", username: "me", sshPort: 2222 }] },
        },
      },
      secret: { login: { password: "secret" } },
    });
  });

  it("keeps what the nodes and their network are to be like", async () => {
    const { api, bodies } = fakeServer();
    await writeFile(join(folder, "key.pub"), `${PUBLIC_KEY}\n`);
    const admin = ["--admin-username", "root", "--admin-user-password", "hush", "--admin-user-ssh-key", "key.pub"];
    const net = [
      "--vnet-name",
      "v",
      "--vnet-resourcegroup-name",
      "g",
      "--subnet-name",
      "s",
      "--remote-login-port-public-access",
      "disabled",
    ];
    const argv = [...create, "amlcompute", "-n", "c1", ...admin, ...net, "--assign-identity", "[system]", "-l", "westeurope"];
    const { code, stderr } = await runCli(argv, { api, cwd: folder });
    expect(code).toBe(0);
    expect(stderr).toContain("can be read by other accounts of this machine");
    expect(bodies[0]).toMatchObject({
      location: "westeurope",
      settings: {
        adminUsername: "root",
        adminUserSshKey: PUBLIC_KEY,
        vnetName: "v",
        vnetResourcegroupName: "g",
        subnetName: "s",
        remoteLoginPortPublicAccess: "Disabled",
        identity: { identityType: "SystemAssigned" },
      },
      secret: { adminUserPassword: "hush" },
    });
    await runCli([...create, "amlcompute", "-n", "c2", "--assign-identity", "/one", "/two"], { api });
    expect(bodies[1]).toMatchObject({ settings: { identity: { identityType: "UserAssigned", identityIds: ["/one", "/two"] } } });
  });

  it("knows the words of 2018", async () => {
    const { api, bodies } = fakeServer();
    const argv = [...create, "batchai", "-n", "old", "--cluster-min-nodes", "1", "--cluster-max-nodes", "2", "--autoscale-enabled"];
    expect((await runCli(argv, { api })).code).toBe(0);
    expect(bodies[0]).toMatchObject({ type: "batchai", settings: { minNodes: 1, maxNodes: 2 } });
  });

  it("makes a compute instance, for somebody else when asked", async () => {
    const { api, bodies } = fakeServer();
    const more = ["--assigned-user", "ada", "--admin-user-ssh-public-key", PUBLIC_KEY];
    expect((await runCli([...create, "computeinstance", "-n", "adas", "-s", "STANDARD_D2_V2", ...more], { api })).code).toBe(0);
    expect(bodies[0]).toEqual({
      type: "computeinstance",
      name: "adas",
      settings: { vmSize: "STANDARD_D2_V2", assignedUser: "ada", sshPublicAccess: false, adminUserSshPublicKey: PUBLIC_KEY },
    });
  });

  it("ends with 1 when it failed, with the reasons in words and how to go on", async () => {
    const { api } = fakeServer({
      provisioningState: "Failed",
      provisioningErrors: [{ code: "x", message: 'There is no partition "gpu".' }],
    });
    const { code, stdout, stderr } = await runCli([...create, "amlcompute", "-n", "hpc", "--only-show-errors"], { api });
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ provisioningState: "Failed", provisioningErrors: [{ code: "x" }] });
    expect(stderr).toContain('"hpc" could not be made: There is no partition "gpu".');
    expect(stderr).toContain("switchyard computetarget delete -n hpc");
  });

  it("ends with 1 when it takes too long, and says that it goes on", async () => {
    const { code, stderr } = await runCli([...create, "amlcompute", "-n", "c1"], fakeServer({ provisioningState: "Creating" }));
    expect(code).toBe(1);
    expect(stderr).toContain("computetarget wait -n c1");
  });

  it("returns at once with --no-wait", async () => {
    const { api } = fakeServer();
    const { code, stdout, stderr } = await runCli([...create, "computeinstance", "-n", "ci", "--no-wait"], {
      api: { ...api, waitForTarget: undefined },
    });
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ provisioningState: "Creating" });
    expect(stderr).toContain("computetarget wait -n ci");
  });

  it("leaves at Ctrl-C what goes on without it", async () => {
    const waitForTarget = ({ signal }: { signal: AbortSignal }) =>
      new Promise((_, stopped) => {
        signal.addEventListener("abort", () => stopped(signal.reason));
        world.interrupt();
      });
    const world = fakeWorld({ api: { ...fakeServer().api, waitForTarget } });
    expect(await run([...create, "computeinstance", "-n", "ci"], world)).toBe(130);
    expect(world.stderr.text).toContain("it goes on");
  });

  it("writes a run configuration into the folder that has a place for it, and never over one that is there", async () => {
    const { api } = fakeServer();
    const argv = [...create, "amlcompute", "-n", "big"];
    expect((await runCli(argv, { api, cwd: folder })).stderr).not.toContain("runconfig");
    await mkdir(join(folder, "aml_config"));
    const first = await runCli(argv, { api, cwd: folder });
    expect(first.stderr).toContain("Wrote aml_config/big.runconfig. `switchyard run submit-script -c big train.py` uses it.");
    const written = await readFile(join(folder, "aml_config", "big.runconfig"), "utf8");
    expect(written).toMatch(/^target: big$/m);
    await writeFile(join(folder, "aml_config", "big.runconfig"), "mine");
    expect((await runCli(argv, { api, cwd: "/", env: {} })).stderr).not.toContain("runconfig");
    expect((await runCli([...argv, "--path", folder], { api })).stderr).toContain("Kept aml_config/big.runconfig as it is");
    expect(await readFile(join(folder, "aml_config", "big.runconfig"), "utf8")).toBe("mine");
  });

  it("writes none for a target that failed, and only warns when it cannot write", async () => {
    const failed = fakeServer({ provisioningState: "Failed" });
    await mkdir(join(folder, ".azureml"));
    expect((await runCli([...create, "amlcompute", "-n", "big"], { api: failed.api, cwd: folder })).stderr).not.toContain("Wrote");
    await mkdir(join(folder, ".azureml", "a"), { recursive: true });
    const tooLong = "x".repeat(300);
    const { code, stderr } = await runCli([...create, "amlcompute", "-n", tooLong], { api: fakeServer().api, cwd: folder });
    expect(code).toBe(0);
    expect(stderr).toContain("could not be written");
  });

  it.each([
    [["amlcompute"], "Option -n/--name is missing", 2],
    [["amlcompute", "-n", "c", "--max-nodes", "two"], "--max-nodes", 2],
    [["amlcompute", "-n", "c", "--max-nodes", "0"], "at least one node", 2],
    [["amlcompute", "-n", "c", "--min-nodes", "5", "--max-nodes", "4"], "5 nodes cannot stay when there are 4 at most", 2],
    [["amlcompute", "-n", "c", "-p", "cheap"], '"cheap" is none of dedicated', 2],
    [["amlcompute", "-n", "c", "--partition", "gpu"], "Option --partition is about Slurm. Add --backend slurm", 2],
    [["amlcompute", "-n", "c", "--login-use-agent"], "Option --login-use-agent is about Slurm", 2],
    [["amlcompute", "-n", "c", "--backend", "slurm", "--login-user", "me"], "--login-address does not name one", 2],
    [["amlcompute", "-n", "c", "--backend", "slurm", "--login-address", "h"], "--login-user is missing", 2],
    [["amlcompute", "-n", "c", "--backend", "slurm", "--login-address", "h", "--login-user", "me"], "How does me@h log in?", 2],
    [["amlcompute", "-n", "c", "--admin-user-password", "x"], "--admin-username is missing", 2],
    [["amlcompute", "-n", "c", "--admin-user-ssh-key", "nowhere.pub"], "does not exist, and the text itself is no public key", 3],
    [["amlcompute", "-n", "c", "--assign-identity", "[system]", "/one"], "exclude each other", 2],
    [["aks", "-n", "c"], "To create a Kubernetes for web services (aks) is known, and this version does not have it yet", 2],
    [["datafactory", "-n", "c"], "does not have it yet", 2],
    [["dsvm", "-n", "c"], "does not have it yet", 2],
    [["amlcomputer", "-n", "c"], '"amlcomputer" is no kind of compute target. Did you mean amlcompute?', 2],
    [["remote", "-n", "c"], "is attached, not created: `switchyard computetarget attach remote`", 2],
    [["local"], "needs no making", 2],
    [["aci"], "does not have it yet", 2],
  ])("refuses %j before a server is started", async (argv, message, exitCode) => {
    const connect = async () => {
      throw new Error("the server was asked");
    };
    const { code, stderr } = await runCli([...create, ...argv], { sdk: { connect }, cwd: folder });
    expect(stderr).toContain(message);
    expect(code).toBe(exitCode);
  });
});
