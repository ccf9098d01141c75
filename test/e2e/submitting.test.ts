// What a person may get wrong when submitting: scripts, folders, targets and interpreters.
import { chmodSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Desk, PROGRAM, problemOf } from "../support/desk.ts";

const desk = new Desk();
beforeAll(async () => {
  desk.write("train.py", "print('trained')\n");
  writeFileSync(join(desk.place, "elsewhere.py"), "print('elsewhere')\n");
  await desk.json("up");
});
afterAll(() => desk.close());

const noRuns = async () => expect(await desk.json("run", "list")).toEqual([]);

describe("a submission is refused, with exit code 2 and without a run, when", () => {
  it("the script is missing: the nearest one is named", async () => {
    const { code, stderr } = await desk.switchyard("submit", "trian.py");
    expect(code).toBe(2);
    expect(stderr).toContain(`There is no script "trian.py" in ${desk.project}. Did you mean train.py?`);
    await noRuns();
  });

  it("the script lies outside the folder: what travels and the option that changes it are named", async () => {
    const { code, stderr } = await desk.switchyard("submit", "../elsewhere.py");
    expect(code).toBe(2);
    expect(stderr).toContain(`The script "../elsewhere.py" lies outside of ${desk.project}`);
    expect(stderr).toContain("--source-directory");
    await noRuns();
  });

  it("the script is a link to one outside the folder", async () => {
    symlinkSync(join(desk.place, "elsewhere.py"), join(desk.project, "linked.py"));
    const refused = await desk.switchyard("submit", "linked.py");
    rmSync(join(desk.project, "linked.py"));
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain(`linked.py is a link to ${join(desk.place, "elsewhere.py")}`);
    await noRuns();
  });

  it("the target is unknown: the nearest one is named", async () => {
    const refused = await desk.switchyard("submit", "--target", "lcoal", "train.py");
    expect(refused.code).toBe(2);
    expect(problemOf(refused)).toMatchObject({ code: "unknown_target", message: expect.stringMatching(/"lcoal".*local/) });
    await noRuns();
  });

  it("the interpreter named by path does not exist", async () => {
    const { code, stderr } = await desk.switchyard("submit", "--python", "/no/such/python", "train.py");
    expect(code).toBe(2);
    expect(stderr).toContain('There is no Python at "/no/such/python"');
    await noRuns();
  });

  it.each([
    ["a folder in it", "secret"],
    ["a file in it", "weights.bin"],
  ])("%s may not be read: it is named, and so is the way to leave it out", async (_what, name) => {
    // Root reads everything, unless it gives up the right to.
    const bound = ["setpriv", "--bounding-set=-dac_override,-dac_read_search", "--inh-caps=-dac_override,-dac_read_search"];
    const ordinary = new Desk({ program: [...(process.getuid?.() === 0 ? bound : []), process.execPath, PROGRAM] });
    try {
      ordinary.write("train.py", "print('trained')\n");
      if (name === "secret") mkdirSync(join(ordinary.project, name));
      else ordinary.write(name, "weights");
      chmodSync(join(ordinary.project, name), 0o000);
      const { code, stderr } = await ordinary.switchyard("submit", "train.py");
      expect(stderr).toContain(`Folder ${ordinary.project} cannot be submitted as it is:`);
      expect(stderr).toMatch(new RegExp(`${name}.* cannot be read: permission denied`));
      expect(stderr).toContain(".amlignore");
      expect(code).toBe(2);
      expect(await ordinary.json("run", "list")).toEqual([]);
      ordinary.write(".amlignore", `${name}\n`);
      expect(await ordinary.submit("train.py")).toMatchObject({ code: 0, run: { status: "Completed" } });
    } finally {
      chmodSync(join(ordinary.project, name), 0o700);
      await ordinary.close();
    }
  });

  it("the run or the server that a command is about is not there", async () => {
    expect(await desk.switchyard("run", "show", "-r", "nobody_1")).toMatchObject({ code: 3, stderr: expect.stringContaining("nobody_1") });
    expect((await desk.switchyard("run", "shwo", "-r", "x")).code).toBe(2);
    const nobody = new Desk({ variables: { SWITCHYARD_URL: "http://127.0.0.1:9", SWITCHYARD_TOKEN: "sy_none" } });
    try {
      const away = await nobody.switchyard("run", "list");
      expect(away.code).toBe(4);
      expect(away.stderr).toContain("http://127.0.0.1:9");
    } finally {
      await nobody.close();
    }
  });
});

describe("a run fails, with exit code 1 and a reason, when", () => {
  it("its Python is not found on the compute: the one that is there is named", async () => {
    const { code, run } = await desk.submit("--python", "python9.9", "train.py");
    expect(code).toBe(1);
    expect(run).toMatchObject({ status: "Failed", error: { code: "InterpreterMissing" }, attempts: [{ exitCode: null }] });
    const why = await desk.json<{ summary: string }>("run", "why", "-r", run.runId);
    expect(why.summary).toMatch(/"python9\.9" was not found.*python3: set interpreterPath to it/);
  });

  it("a run configuration names a script that does not travel", async () => {
    desk.write("aside.runconfig", "script: aside.py\nenvironment: {python: {userManagedDependencies: true, interpreterPath: python3}}\n");
    desk.write("aside.py", "print('aside')\n");
    desk.write(".amlignore", "aside.py\n");
    const { code, stderr } = await desk.switchyard("run", "submit-script", "-c", "aside.runconfig");
    expect(code).toBe(2);
    expect(stderr).toContain('The script "aside.py" would not travel');
  });
});
