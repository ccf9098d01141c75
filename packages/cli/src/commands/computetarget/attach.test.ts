import { execFileSync } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { fakeTarget, runCli } from "../../../test/fakes.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "switchyard-attach-"));
  for (const [name, passphrase, ...more] of [
    ["plain", ""],
    ["locked", "open sesame"],
    ["lockedPem", "open sesame", "-m", "PEM", "-t", "rsa"],
  ] as const) {
    execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", passphrase, "-f", join(folder, name), ...more]);
  }
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function fakeServer(ended: Record<string, unknown> = {}) {
  const bodies: { type: string; name: string; settings: Record<string, unknown>; secret: Record<string, string> }[] = [];
  const attachTarget = async ({ body }: { body: (typeof bodies)[number] }) => {
    bodies.push(JSON.parse(JSON.stringify(body)));
    return fakeTarget({ name: body.name, type: body.type, attached: true, provisioningState: "Creating" });
  };
  const waitForTarget = async () => fakeTarget({ name: "box", type: "remote", attached: true, ...ended });
  return { bodies, api: { attachTarget, waitForTarget } };
}

const attach = (...more: string[]) => ["computetarget", "attach", "remote", "-n", "box", "-a", "10.0.0.5", "-u", "me", ...more];

describe("computetarget attach remote", () => {
  it("sends address, account and the text of the key", async () => {
    const { api, bodies } = fakeServer();
    const hostKey = `SHA256:${"a".repeat(43)}`;
    const more = [
      "--jump",
      "a@gate",
      "--jump",
      "b@[fe80::1]:2222",
      "--host-key",
      hostKey,
      "--site-root",
      "/scratch",
      "--max-concurrent-runs",
      "3",
    ];
    const { code, stderr } = await runCli(attach("--private-key-file", "plain", "--ssh-port", "2200", ...more), { api, cwd: folder });
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(bodies).toMatchObject([
      {
        type: "remote",
        settings: {
          address: "10.0.0.5",
          sshPort: 2200,
          username: "me",
          hostKey,
          siteRoot: "/scratch",
          maxConcurrentRuns: 3,
          jump: [
            { username: "a", address: "gate", sshPort: 22 },
            { username: "b", address: "fe80::1", sshPort: 2222 },
          ],
        },
        secret: { privateKey: expect.stringContaining("-----BEGIN OPENSSH PRIVATE KEY-----") },
      },
    ]);
  });

  it.each(["locked", "lockedPem"])(
    "wants the passphrase of an encrypted key: given, from the environment, or asked for (%s)",
    async (key) => {
      const { api, bodies } = fakeServer();
      const asked: [string, boolean][] = [];
      const argv = attach("--private-key-file", key);
      const refused = await runCli(argv, { api, cwd: folder });
      expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining("is encrypted. Give its passphrase") });
      await runCli([...argv, "--private-key-passphrase", "-"], { api, cwd: folder, input: "open sesame\n" });
      await runCli(argv, { api, cwd: folder, env: { SWITCHYARD_PASSPHRASE: "open sesame" } });
      await runCli(argv, { api, cwd: folder, answers: ["open sesame"], asked });
      expect(bodies.map(({ secret }) => secret.privateKeyPassphrase)).toEqual(["open sesame", "open sesame", "open sesame"]);
      expect(asked).toEqual([[`Passphrase of ${join(folder, key)}: `, true]]);
    },
  );

  it("takes a password from the option with one warning, from standard input, the environment, or a person", async () => {
    const { api, bodies } = fakeServer();
    const asked: [string, boolean][] = [];
    const typed = await runCli(attach("-p", "one"), { api });
    expect(typed.code).toBe(0);
    expect(typed.stderr.match(/Warning/g)).toHaveLength(1);
    expect(typed.stderr).toContain("can be read by other accounts");
    await runCli(attach("--password", "-"), { api, input: "two words \r\n" });
    await runCli(attach(), { api, env: { SWITCHYARD_PASSWORD: "three" } });
    await runCli(attach(), { api, answers: ["four"], asked });
    await runCli(attach("--password", "-"), { api, answers: ["five"] });
    expect(bodies.map(({ secret }) => secret)).toEqual(["one", "two words ", "three", "four", "five"].map((password) => ({ password })));
    expect(asked).toEqual([["Password of me@10.0.0.5: ", true]]);
  });

  it("uses the agent when asked, whatever the environment holds", async () => {
    const { api, bodies } = fakeServer();
    await runCli(attach("--use-agent"), { api, env: { SWITCHYARD_PASSWORD: "x" } });
    expect(bodies[0]!.secret).toEqual({ useAgent: true });
  });

  it("warns of a key that others can read", async () => {
    writeFileSync(join(folder, "open"), "-----BEGIN RSA PRIVATE KEY-----\n");
    chmodSync(join(folder, "open"), 0o644);
    const { code, stderr } = await runCli(attach("--private-key-file", "open"), { api: fakeServer().api, cwd: folder });
    expect(code).toBe(0);
    expect(stderr).toContain(`chmod 600 ${join(folder, "open")}`);
  });

  it("finds a key below the home folder", async () => {
    const { api, bodies } = fakeServer();
    expect((await runCli(attach("--private-key-file", "~/plain"), { api, env: { HOME: folder } })).code).toBe(0);
    expect(bodies[0]!.secret.privateKey).toContain("PRIVATE KEY");
  });

  it("ends with 1 when the machine refused, keeps the target, and says how to go on", async () => {
    const message = "10.0.0.5 refused the log-in of me: wrong password.";
    const { api } = fakeServer({ provisioningState: "Failed", provisioningErrors: [{ code: "forbidden", message }] });
    const { code, stderr } = await runCli(attach("--use-agent"), { api, terminal: true, env: { NO_COLOR: "1" } });
    expect(code).toBe(1);
    expect(stderr).toContain(`"box" could not be made: ${message}\nIt stays for you to look at.`);
    expect(stderr).toContain("switchyard computetarget detach -n box");
  });

  it.each([
    [["--private-key-file", "none"], 'none" does not exist', 3],
    [["--private-key-file", "."], "is a folder. Give the file of the private key in it", 2],
    [["--private-key-file", "plain.pub"], "is a public key, and the private one is needed to log in. The private one lies beside it", 2],
    [["--private-key-file", "notes.txt"], "holds no private key that SSH knows", 2],
    [["--private-key-file", "big"], "is too large for a private key", 2],
    [["--private-key-file", "plain", "-p", "x"], "--password and --private-key-file are different ways to log in", 2],
    [["--private-key-passphrase", "x"], "--private-key-passphrase belongs to --private-key-file", 2],
    [["-p", ""], "Option --password is empty", 2],
    [["-p", "-"], "Standard input is empty", 2],
    [[], "How does me@10.0.0.5 log in? Give --private-key-file FILE, --use-agent, or a password", 2],
    [["--use-agent", "--jump", "gate"], '"gate" is not USER@HOST', 2],
    [["--use-agent", "--jump", "me@gate:99999"], "is not USER@HOST", 2],
    [["--use-agent", "--ssh-port", "ssh"], "--ssh-port", 2],
  ])("refuses %j before a server is started", async (more, message, exitCode) => {
    writeFileSync(join(folder, "notes.txt"), "not a key");
    writeFileSync(join(folder, "big"), "x".repeat(70_000));
    await mkdir(join(folder, "empty"), { recursive: true });
    const connect = async () => {
      throw new Error("the server was asked");
    };
    const { code, stderr } = await runCli(attach(...more), { sdk: { connect }, cwd: folder });
    expect(stderr).toContain(message);
    expect(code).toBe(exitCode);
  });

  it("attaches a Spark cluster by the same options, and leaves a run configuration for PySpark", async () => {
    const project = join(folder, "spark-project");
    await mkdir(join(project, ".azureml"), { recursive: true });
    const { api, bodies } = fakeServer({ name: "myhdi", type: "hdinsight" });
    const argv = ["computetarget", "attach", "hdi", "-n", "myhdi", "-a", "c-ssh.example.net", "-u", "sshuser", "--ssh-port", "22"];
    const { code, stderr } = await runCli([...argv, "-p", "-"], { api, cwd: project, input: "word\n" });
    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringContaining("Wrote .azureml/myhdi.runconfig") });
    expect(bodies).toMatchObject([
      { type: "hdinsight", settings: { address: "c-ssh.example.net", sshPort: 22, username: "sshuser" }, secret: { password: "word" } },
    ]);
    const written = readFileSync(join(project, ".azureml/myhdi.runconfig"), "utf8");
    expect(written).toMatch(/^framework: PySpark$/m);
    expect(written).toMatch(/^target: myhdi$/m);
    expect((await runCli(argv, { api, cwd: project })).stderr).toContain("How does sshuser@c-ssh.example.net log in?");
  });

  it.each([
    [
      ["databricks"],
      "To attach a Databricks workspace (databricks) is known, and this version does not have it yet. It can create amlc",
      2,
    ],
    [["databricks"], "attach remote, hdi", 2],
    [["hdinsight"], "A Spark cluster (hdinsight) is attached with `switchyard computetarget attach hdi`", 2],
    [["adla"], "does not have it yet", 2],
    [["batch"], "does not have it yet", 2],
    [["aks"], "does not have it yet", 2],
    [["dsvm"], "does not have it yet", 2],
    [["amlcompute"], "is created, not attached: `switchyard computetarget create amlcompute`", 2],
    [["remoet", "-n", "x"], "Did you mean remote?", 2],
  ])("refuses the word %j", async (words, message, exitCode) => {
    const { code, stderr } = await runCli(["computetarget", "attach", ...words]);
    expect(stderr).toContain(message);
    expect(code).toBe(exitCode);
  });
});
