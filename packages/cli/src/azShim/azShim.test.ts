import { execFile } from "node:child_process";
import { chmod, mkdir, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { runCli } from "../../test/fakes.ts";
import { MARK, shimScript } from "./script.ts";

const exec = promisify(execFile);
let place: string;
beforeEach(async () => {
  place = await mkdtemp(join(tmpdir(), "switchyard az shim's ")); // a quote and spaces: paths are quoted
});
afterEach(() => rm(place, { recursive: true, force: true }));

async function program(path: string, text: string): Promise<string> {
  const file = join(place, path);
  await mkdir(join(file, ".."), { recursive: true });
  await writeFile(file, text);
  await chmod(file, 0o755);
  return file;
}
const cli = (...argv: string[]) => runCli(argv, { env: { SWITCHYARD_HOME: join(place, "home"), PATH: `${place}/home/bin:${place}/real` } });

describe("the program az", () => {
  const SHELLS = [["dash"], ["bash"], ["busybox", "sh"]];

  /** Writes our az, a stand-in for Switchyard that tells its arguments, and perhaps a real az behind it. */
  async function setUp(withReal: boolean) {
    const ours = await program("ours", '#!/bin/sh\nprintf "ours:"; printf " [%s]" "$@"; echo\n');
    await program("second/az", `#!/bin/sh\n${MARK}: an older one of ours\nexit 9\n`);
    if (withReal) await program("real/az", '#!/bin/sh\nprintf "real:"; printf " [%s]" "$@"; echo\nexit 7\n');
    const az = await program("first/az", shimScript(["/bin/sh", ours]));
    const PATH = `${place}/first:${place}/second:${place}/real:/usr/bin:/bin`;
    return async (shell: readonly string[], ...argv: string[]) => {
      const asked = exec(shell[0]!, [...shell.slice(1), az, ...argv], { env: { PATH } });
      return asked.then(({ stdout }) => stdout.trim()).catch((error) => `${error.stdout.trim()} (${error.code})`);
    };
  }

  it("is what shellcheck calls clean", async () => {
    const file = await program("az", shimScript(["/usr/bin/node", "/opt/it's/switchyard.mjs"]));
    await exec("shellcheck", ["--severity=style", file]);
  });

  it.each(SHELLS)("sends az ml to Switchyard and all else to the real az (%s)", async (...shell) => {
    const az = await setUp(true);
    expect(await az(shell, "ml", "run", "list", "-e", "a b")).toBe("ours: [az] [ml] [run] [list] [-e] [a b]");
    expect(await az(shell, "--debug", "ml", "run", "list")).toBe("ours: [az] [--debug] [ml] [run] [list]");
    expect(await az(shell, "storage", "blob list", "")).toBe("real: [storage] [blob list] [] (7)");
    expect(await az(shell, "group", "create", "-n", "ml")).toBe("real: [group] [create] [-n] [ml] (7)");
    expect(await az(shell, "extension", "add", "-n", "azure-cli-ml")).toBe("ours: [az] [extension] [add] [-n] [azure-cli-ml]");
    expect(await az(shell, "extension", "add", "-n", "ssh")).toBe("real: [extension] [add] [-n] [ssh] (7)");
    expect(await az(shell, "configure", "--defaults", "group=g")).toBe("real: [configure] [--defaults] [group=g] (7)");
    expect(await az(shell)).toMatch(/^real:.* \(7\)$/);
  });

  it.each(SHELLS)("lets Switchyard answer where there is no real az (%s)", async (...shell) => {
    const az = await setUp(false);
    expect(await az(shell, "login", "--tenant", "x")).toBe("ours: [az] [login] [--tenant] [x]");
    expect(await az(shell, "--version")).toBe("ours: [az] [--version]");
  });
});

describe("az-shim", () => {
  it("installs, shows and uninstalls", async () => {
    await program("real/az", "#!/bin/sh\n");
    expect(JSON.parse((await cli("az-shim", "show")).stdout)).toMatchObject({ installed: false, realAz: `${place}/real/az` });
    const { code, stdout, stderr } = await cli("az-shim", "install");
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toEqual({ file: `${place}/home/bin/az`, installed: true, inFront: true, realAz: `${place}/real/az` });
    expect(stderr).toContain(`All but \`az ml\` goes to ${place}/real/az.`);
    expect((await stat(`${place}/home/bin/az`)).mode & 0o777).toBe(0o755);
    expect(await cli("az-shim", "install")).toMatchObject({ code: 0 });
    expect(JSON.parse((await cli("az-shim", "uninstall")).stdout)).toMatchObject({ removed: true });
    expect(JSON.parse((await cli("az-shim", "uninstall")).stdout)).toMatchObject({ removed: false });
  });

  it("says how to put it in front", async () => {
    expect((await cli("az-shim", "install", "--dir", join(place, "elsewhere"))).stderr).toContain(
      `export PATH='${place}/elsewhere':"$PATH"`,
    );
  });

  it("never touches an az that is not ours", async () => {
    const real = await program("real/az", "#!/bin/sh\necho real\n");
    for (const verb of ["install", "uninstall"]) {
      const { code, stderr } = await cli("az-shim", verb, "--dir", join(place, "real"));
      expect(code).toBe(2);
      expect(stderr).toContain("not ours, so it stays");
    }
    expect(await readFile(real, "utf8")).toContain("echo real");
  });
});

describe("what Switchyard says in place of the Azure CLI", () => {
  const workspace = { name: "default", subscriptionId: "sub-1", resourceGroup: "switchyard" };
  const az = async (...argv: string[]) => {
    const { code, stdout, stderr } = await runCli(["az", ...argv], {
      api: { listWorkspaces: async () => [workspace] },
      env: { USER: "ada" },
    });
    return { code, stderr, answer: stdout === "" ? undefined : JSON.parse(stdout) };
  };

  it("signs nobody in, and shows the one subscription", async () => {
    const { code, answer, stderr } = await az("login", "--service-principal", "-u", "x", "-p", "secret", "--tenant", "t");
    expect(code).toBe(0);
    expect(answer).toMatchObject([{ id: "sub-1", isDefault: true, user: { name: "ada" } }]);
    expect(stderr).toContain("Switchyard answers: there is no Azure CLI further on PATH. Nobody signs in");
    expect((await az("account", "show")).answer).toMatchObject({ id: "sub-1" });
    expect((await az("account", "list")).answer).toHaveLength(1);
    expect((await az("account", "set", "-s", "sub-1")).stderr).not.toContain("Warning");
    const other = await az("account", "set", "--subscription", "other");
    expect(other).toMatchObject({ code: 0 });
    expect(other.stderr).toContain("one subscription is sub-1, not other");
    expect((await az("logout")).code).toBe(0);
  });

  it("is one group under every name, which is not deleted", async () => {
    expect((await az("group", "create", "--name", "team", "--location", "x")).answer).toMatchObject({ name: "team", location: "x" });
    expect((await az("group", "exists", "-g", "team")).answer).toBe(true);
    expect(await az("group", "delete", "-n", "team", "--yes", "--no-wait")).toMatchObject({ code: 2 });
  });

  it("brings azure-cli-ml and no other extension", async () => {
    expect(await az("extension", "add", "-n", "azure-cli-ml")).toMatchObject({ code: 0 });
    expect((await az("extension", "list")).answer).toMatchObject([{ name: "azure-cli-ml" }]);
    expect(await az("extension", "add", "-n", "ml")).toMatchObject({ code: 2 });
    expect((await az("version")).answer).toHaveProperty("switchyard");
    expect((await runCli(["az", "--version"])).stdout).toMatch(/^switchyard \d/);
  });

  it("refuses the rest by name, and takes az ml for its own", async () => {
    const { code, stderr } = await runCli(["az", "storage", "account", "list"]);
    expect(code).toBe(2);
    expect(stderr).toContain("`az storage` is a command of the Azure CLI, which is not on PATH");
    expect((await runCli(["az", "mll", "run", "list"])).stderr).toContain("Did you mean `az ml`?");
    expect((await runCli(["az", "accuont", "show"])).stderr).toContain("Did you mean `az account`?");
    expect((await runCli(["az", "ml", "run", "list", "--help"])).stdout).toContain("switchyard run list");
    expect((await runCli(["az", "-h"])).stdout).toContain("az login");
  });
});
