// Models on the command line, with a real server: files of this machine, files of a run, and what a person may get wrong.
import { readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import type { Model } from "@switchyard/protocol";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Desk, problemOf } from "../support/desk.ts";

const desk = new Desk();
beforeAll(async () => {
  desk.write("train.py", "import os\nos.makedirs('outputs/net', exist_ok=True)\nopen('outputs/net/w', 'w').write('weights')\n");
  desk.write("model.pkl", "a pickle");
  desk.write("net/a.txt", "A");
  desk.write("net/big.bin", "0123456789".repeat(300_000));
  await desk.json("up");
});
afterAll(() => desk.close());

const model = (...argv: string[]) => desk.json<Model>("model", ...argv);
const refused = (...argv: string[]) => desk.switchyard("model", ...argv);

describe("a model", () => {
  it("is registered from a file or folder of this machine, with all that is said of it", async () => {
    const said = ["--model-framework", "scikitlearn", "--model-framework-version", "1.9", "--cc", "0.5", "--gb", "2", "--gc", "1"];
    const more = ["--tag", "best", "--tag", "area=vision", "--property", "p=1", "-d", "reads digits"];
    const samples = ["--sample-input-dataset-id", "in", "--sample-output-dataset-id", "out"];
    expect(await model("register", "-n", "digits", "-p", "model.pkl", ...said, ...more, ...samples)).toMatchObject({
      ...{ id: "digits:1", path: "model.pkl", bytes: 8, framework: "ScikitLearn", frameworkVersion: "1.9", description: "reads digits" },
      ...{ tags: { best: "", area: "vision" }, properties: { p: "1" }, sampleInputDatasetId: "in", sampleOutputDatasetId: "out" },
      resourceConfiguration: { cpu: 0.5, memoryInGB: 2, gpu: 1 },
    });
    expect(await model("register", "-n", "digits", "-p", "net/")).toMatchObject({
      id: "digits:2",
      path: "net",
      files: 2,
      bytes: 3_000_001,
    });
  });

  it("is registered from a run, by its id or by the file that submitting wrote", async () => {
    const run = await desk.switchyard("run", "submit-script", "-t", "run.json", "train.py");
    expect(run.code).toBe(0);
    const { runId } = JSON.parse(readFileSync(join(desk.project, "run.json"), "utf8")) as { runId: string };
    expect(await model("register", "-n", "made", "--asset-path", "outputs/net/w", "-r", runId)).toMatchObject({
      id: "made:1",
      runId,
      path: "w",
    });
    const second = await model("register", "-n", "made", "--asset-path", "outputs/net", "-f", "run.json", "--experiment-name", "project");
    expect(second).toMatchObject({ id: "made:2", runId, runPath: "outputs/net" });
    expect(await model("show", "--run-id", runId)).toMatchObject({ id: "made:2" });
    expect((await refused("register", "-n", "made", "--asset-path", "outputs/nets", "-r", runId)).code).toBe(3);
  });

  it("is listed, shown, changed, downloaded and deleted", async () => {
    const ids = async (...argv: string[]) => (await desk.json<Model[]>("model", "list", ...argv)).map(({ id }) => id);
    expect(await ids("-n", "digits")).toEqual(["digits:2", "digits:1"]);
    expect(await ids("-l")).toEqual(["made:2", "digits:2"]);
    expect(await ids("--tag", "area=vision")).toEqual(["digits:1"]);
    expect(await ids("--property", "p")).toEqual(["digits:1"]);
    expect(await ids("--dataset-id", "in")).toEqual(["digits:1"]);
    expect(await model("show", "-n", "digits")).toMatchObject({ version: 2 });
    expect(await model("show", "-n", "digits", "-v", "1")).toMatchObject({ version: 1 });
    const changes = ["--add-tag", "x=1", "--remove-tag", "best", "--add-property", "q=2", "-d", "new", "--gb", "4"];
    expect(await model("update", "-i", "digits:1", ...changes)).toMatchObject({
      ...{ tags: { area: "vision", x: "1" }, properties: { p: "1", q: "2" }, description: "new" },
      resourceConfiguration: { memoryInGB: 4 },
    });
    await desk.json("model", "download", "-i", "digits:2", "-t", "back");
    expect(readFileSync(join(desk.project, "back", "net", "big.bin"), "utf8")).toHaveLength(3_000_000);
    expect((await refused("download", "-i", "digits:2", "-t", "back")).code).toBe(0); // the same bytes are there
    desk.write("back/net/a.txt", "mine");
    expect(problemOf(await refused("download", "-i", "digits:2", "-t", "back"))).toMatchObject({ code: "already_exists" });
    expect(readFileSync(join(desk.project, "back", "net", "a.txt"), "utf8")).toBe("mine");
    await desk.json("model", "download", "digits:2", "-t", "back", "--overwrite");
    expect(readFileSync(join(desk.project, "back", "net", "a.txt"), "utf8")).toBe("A");
    expect(await desk.json("model", "delete", "-i", "digits:2")).toEqual({ id: "digits:2", deleted: true });
    expect(await ids("-n", "digits")).toEqual(["digits:1"]);
  });
});

describe("what is refused", () => {
  it.each([
    [2, ["register", "-n", "m"], "What is registered?"],
    [2, ["register", "-n", "m", "-p", "model.pkl", "--asset-path", "outputs"], "What is registered?"],
    [2, ["register", "-n", "m", "--asset-path", "outputs"], "Whose files?"],
    [2, ["register", "-p", "model.pkl"], "--name"],
    [2, ["register", "-n", "a/b", "-p", "model.pkl"], "name"],
    [2, ["register", "-n", "m", "-p", "model.pkl", "--model-framework", "SciKit"], "ScikitLearn"],
    [2, ["register", "-n", "m", "-p", "model.pkl", "--cc", "-1"], "above 0"],
    [2, ["register", "-n", "m", "-f", "train.py", "--asset-path", "outputs"], "names no run"],
    [3, ["register", "-n", "m", "-p", "none.pkl"], "none.pkl"],
    [2, ["register", "-n", "m", "-p", "circle"], "leads back"],
    [3, ["register", "-n", "m", "--asset-path", "outputs", "-r", "nobody"], 'There is no run "nobody"'],
    [2, ["register", "-n", "m", "--asset-path", "../outputs", "-r", "nobody"], "relative"],
    [3, ["show", "-i", "nobody:1"], 'There is no model "nobody"'],
    [3, ["show", "-n", "digits", "-v", "99"], "no version 99"],
    [2, ["show", "-i", "digits"], "NAME:VERSION"],
    [2, ["update", "-i", "digits:1"], "Nothing to change"],
    [1, ["update", "-i", "digits:1", "--add-property", "p=other"], "another value"],
    [2, ["delete"], "Which model?"],
    [3, ["delete", "-i", "digits:99"], "no version 99"],
    [2, ["deploy", "-n", "svc", "-m", "digits:1"], "What is to answer?"],
    [2, ["package", "-m", "digits:1"], "of web services"],
    [2, ["profile", "-n", "p", "-m", "digits:1"], "of web services"],
  ])("with %i: model %j", async (code, argv, words) => {
    if (argv.includes("circle")) {
      desk.write("circle/a", "a");
      symlinkSync(join(desk.project, "circle"), join(desk.project, "circle", "again"));
    }
    const ended = await refused(...argv);
    expect([ended.code, ended.stderr + ended.stdout]).toEqual([code, expect.stringContaining(words)]);
    expect((await desk.json<Model[]>("model", "list", "-n", "m")).length).toBe(0);
  });
});
