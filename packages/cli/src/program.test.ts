import { describe, expect, it } from "vitest";
import { fakeRun, runCli } from "../test/fakes.ts";

const listRuns = async () => ({ items: [fakeRun(), fakeRun({ runId: "b", status: "Failed", metrics: {} })], next: null });

describe("the program", () => {
  it("lists the groups and commands when nothing was typed", async () => {
    const { code, stdout } = await runCli([]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/submit +Run a script/);
    expect(stdout).not.toContain("undefined");
    expect(stdout).toMatch(/run … +.*submit-script, submit-hyperdrive, list, show/);
  });

  it("lists the commands of a group; without --help that is a usage error", async () => {
    expect((await runCli(["run", "--help"])).stdout).toContain("run monitor-logs");
    const bare = await runCli(["run"]);
    expect(bare.code).toBe(2);
    expect(bare.stderr).toContain("run monitor-logs");
  });

  it("gives every command a help with an example", async () => {
    const { COMMANDS } = await import("./commands/index.ts");
    for (const name of Object.keys(COMMANDS)) {
      const { code, stdout } = await runCli([...name.split(" "), "--help"]);
      expect(code, name).toBe(0);
      expect(stdout, name).toContain("Examples:");
      expect(stdout, name).toContain("--query");
    }
  });

  it("writes a help as wide as the terminal, and breaks its lines once", async () => {
    const { stdout } = await runCli(["az-shim", "install", "--help"]); // the terminal of the tests has 100 columns
    const [words = ""] = stdout.split("\nExamples:");
    expect(words.split("\n").filter((line) => line.length > 100)).toEqual([]);
    const paragraph = words.split("\n\n").find((part) => part.includes("a small shell script")) ?? "";
    expect(
      paragraph
        .split("\n")
        .slice(0, -1)
        .filter((line) => line.length < 80),
    ).toEqual([]);
  });

  it("names the nearest command and the nearest option, with exit code 2", async () => {
    const command = await runCli(["run", "lst"]);
    expect(command).toMatchObject({ code: 2 });
    expect(command.stderr).toContain('Did you mean "switchyard run list"?');
    expect((await runCli(["cancel", "x"])).stderr).toContain('"switchyard run cancel"');
    const option = await runCli(["run", "list", "--stauts", "Failed"]);
    expect(option.code).toBe(2);
    expect(option.stderr).toContain("Did you mean --status?");
  });

  it("takes options of every command before and after its name", async () => {
    for (const argv of [
      ["-o", "tsv", "--query", "[].runId", "run", "list"],
      ["run", "list", "-o", "tsv", "--query", "[].runId"],
    ]) {
      expect(await runCli(argv, { api: { listRuns } })).toMatchObject({ code: 0, stdout: "mnist_1763719200_0badcafe\nb\n" });
    }
  });

  it("prints JSON when piped and a table on a terminal", async () => {
    const piped = await runCli(["run", "list"], { api: { listRuns } });
    expect(JSON.parse(piped.stdout)).toHaveLength(2);
    const terminal = await runCli(["run", "list"], { api: { listRuns }, terminal: true, env: { NO_COLOR: "1" } });
    expect(terminal.stdout).toMatch(/^RunId +Experiment +Status/);
    expect(terminal.stdout).toContain("accuracy=0.97");
  });

  it("tells an error as a paragraph and, to a program, as JSON with its code", async () => {
    const getRun = async () => {
      throw Object.assign(new Error('There is no run "x" in workspace default.'), { code: "not_found" });
    };
    const { code, stderr } = await runCli(["run", "show", "-r", "x"], { api: { getRun } });
    expect(code).toBe(3);
    const [paragraph, json] = stderr.trim().split("\n");
    expect(paragraph).toBe('Error: There is no run "x" in workspace default.');
    expect(JSON.parse(json!)).toEqual({ error: { code: "not_found", message: 'There is no run "x" in workspace default.' } });
    const person = await runCli(["run", "show", "-r", "x"], { api: { getRun }, terminal: true, env: { NO_COLOR: "1" } });
    expect(person.stderr).toBe('Error: There is no run "x" in workspace default.\n');
  });

  it.each([
    ["server_unreachable", 4],
    ["bad_request", 2],
    ["unknown_target", 2],
    ["forbidden", 1],
  ])("ends with the exit code of %s: %i", async (word, exitCode) => {
    const listWorkspaces = async () => {
      throw Object.assign(new Error("said so"), { code: word });
    };
    expect(await runCli(["workspace", "list"], { api: { listWorkspaces } })).toMatchObject({ code: exitCode });
  });

  it("shows the stack with --debug only", async () => {
    const listWorkspaces = async () => {
      throw new TypeError("x is not a function", { cause: new Error("the cause") });
    };
    const quiet = await runCli(["workspace", "list"], { api: { listWorkspaces }, terminal: true });
    expect(quiet.stderr).not.toContain("program.test.ts");
    const loud = await runCli(["workspace", "list", "--debug"], { api: { listWorkspaces }, terminal: true });
    expect(loud.stderr).toContain("program.test.ts");
    expect(loud.stderr).toContain("the cause");
  });

  it("refuses a query that is no JMESPath, saying what it should be", async () => {
    const { code, stderr } = await runCli(["run", "list", "--query", "[?status=="], { api: { listRuns } });
    expect(code).toBe(2);
    expect(stderr).toContain("JMESPath");
  });

  it("says which required option is missing, and which value is wrong", async () => {
    expect((await runCli(["experiment", "create"])).stderr).toContain("Option -n/--name is missing");
    expect((await runCli(["run", "list", "--last", "many"])).stderr).toContain('Option --last: "many" is not a whole number');
    expect((await runCli(["run", "list", "-o", "jsn"])).stderr).toContain("Did you mean json?");
    expect((await runCli(["run", "show"])).stderr).toContain("Which run?");
  });
});
