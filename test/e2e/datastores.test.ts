// The commands about datastores and datasets, against a real server.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { Desk } from "../support/desk.ts";

const desk = new Desk();
beforeAll(async () => {
  expect((await desk.switchyard("up")).code).toBe(0);
});
afterAll(() => desk.close());

const ok = async (...words: string[]) => {
  const done = await desk.switchyard(...words, "-o", "json");
  expect(done.code, done.stderr).toBe(0);
  return JSON.parse(done.stdout) as Record<string, unknown> & Record<string, unknown>[];
};
const refused = async (...words: string[]) => {
  const done = await desk.switchyard(...words);
  return { code: done.code, stderr: done.stderr };
};

it("uploads a folder and a file, keeps what differs, and brings it back", async () => {
  desk.write("data/iris.csv", "a,b\n1,2\n");
  desk.write("data/deep/big.bin", "x".repeat(1_500_000));
  expect(await ok("datastore", "upload", "-l", "data", "-u", "sets/iris")).toMatchObject({ datastore: "workspaceblobstore", added: 2 });
  expect(await ok("datastore", "upload", "-p", "data", "-u", "sets/iris")).toMatchObject({ added: 0, same: 2 });
  desk.write("data/iris.csv", "changed");
  const kept = await desk.switchyard("datastore", "upload", "-n", "workspaceblobstore", "-l", "data/iris.csv", "-u", "sets/iris");
  expect([kept.code, kept.stderr]).toEqual([0, expect.stringContaining('"sets/iris/iris.csv" is there with other bytes')]);
  expect(await ok("datastore", "download", "-p", "sets", "-t", "got")).toHaveLength(2);
  expect(readFileSync(join(desk.project, "got/sets/iris/iris.csv"), "utf8")).toBe("a,b\n1,2\n");
  await ok("datastore", "upload", "-l", "data/iris.csv", "-u", "sets/iris", "--overwrite");
  expect(await refused("datastore", "download", "-p", "sets/iris/iris.csv", "-t", "got")).toMatchObject({
    stderr: expect.stringContaining("--overwrite"),
  });
  await ok("datastore", "download", "-p", "sets/iris/iris.csv", "-t", "got", "--overwrite");
  expect(readFileSync(join(desk.project, "got/sets/iris/iris.csv"), "utf8")).toBe("changed");
});

it("lists, registers, chooses and lets go of datastores; secrets are never shown", async () => {
  expect((await ok("datastore", "list")).map(({ name }) => name)).toEqual(["workspaceblobstore", "workspacefilestore"]);
  const keyed = new Desk({ home: desk.home, variables: { SWITCHYARD_ACCOUNT_KEY: "a2V5" } });
  const made = await keyed.switchyard("datastore", "attach-blob", "-n", "pub", "-a", "acc", "-c", "con");
  rmSync(keyed.place, { recursive: true, force: true });
  expect(made.code, made.stderr).toBe(0);
  expect(`${made.stdout}${made.stderr}`).not.toContain("a2V5");
  expect(await ok("datastore", "show", "-n", "PUB")).toMatchObject({
    hasCredentials: true,
    settings: { accountName: "acc", containerName: "con" },
  });
  for (const [kind, ...words] of [
    ["file", "-a", "acc", "-c", "share"],
    ["adls", "-c", "store", "--tenant-id", "t", "--client-id", "c"],
    ["adls-gen2", "-a", "acc", "-c", "fs"],
    ["sqldb", "-s", "server", "-d", "base"],
    ["psqldb", "-s", "server", "-d", "base", "-u", "me"],
    ["mysqldb", "-s", "server", "-d", "base", "-u", "me"],
    ["dbfs"],
  ] as [string, ...string[]][]) {
    const done = await desk.switchyard("datastore", `attach-${kind}`, "-n", kind, ...words);
    expect([done.code, done.stderr]).toEqual([0, expect.stringContaining("records only")]);
  }
  expect(await refused("datastore", "download", "-n", "adls")).toMatchObject({ code: 2, stderr: expect.stringContaining("AzureDataLake") });
  expect(await refused("datastore", "attach-blob", "-n", "pub", "-a", "b", "-c", "c")).toMatchObject({
    stderr: expect.stringContaining("already"),
  });
  await ok("datastore", "attach-blob", "-n", "pub", "-a", "b", "-c", "c", "--overwrite");
  await ok("datastore", "set-default", "-n", "workspacefilestore");
  expect(await ok("datastore", "show-default")).toMatchObject({ name: "workspacefilestore" });
  await ok("datastore", "set-default", "-n", "workspaceblobstore");
  await ok("datastore", "detach", "-n", "pub");
  expect(await refused("datastore", "show", "-n", "pub")).toMatchObject({ code: 3 });
  expect((await refused("datastore", "detach", "-n", "workspaceblobstore")).stderr).toContain("every workspace has");
  const folder = await refused("datastore", "attach-folder", "-n", "disk", "--folder", desk.project);
  expect(folder.stderr).toContain("datastoreRoots");
  expect(await refused("datastore", "upload")).toMatchObject({ code: 2, stderr: expect.stringContaining("-l PATH") });
  expect((await refused("datastore", "upload", "-l", "data", "-u", "../x")).stderr).toContain("leads out");
  expect((await refused("datastore", "remove", "-n", "workspaceblobstore", "-t", "sets")).stderr).toContain("--yes");
});

it("registers datasets from a file, and archives, deprecates and unregisters them", async () => {
  const template = await desk.switchyard("dataset", "register", "--show-template");
  const file = JSON.parse(template.stdout) as { parameters: { path: object }; registration: { name: string } };
  mkdirSync(join(desk.project, "sets"), { recursive: true });
  const write = (changes: object) => writeFileSync(join(desk.project, "set.json"), JSON.stringify({ ...file, ...changes }));
  write({ parameters: { ...file.parameters, path: { datastoreName: "workspaceblobstore", relativePath: "sets/**/*.csv" } } });
  const first = await ok("dataset", "register", "-f", "set.json");
  expect(first).toMatchObject({ name: "my-dataset", version: 1, definition: { kind: "tabular", read: { format: "delimited" } } });
  write({ datasetType: "File", parameters: { path: "https://data.example/a.csv" } });
  expect(await ok("dataset", "register", "-f", "set.json", "--skip-validation")).toMatchObject({ version: 2 });
  expect(await ok("dataset", "show", "-n", "my-dataset", "-v", "1")).toMatchObject({ version: 1 });
  expect(await ok("dataset", "show", "-i", String(first.datasetId))).toMatchObject({ version: 1 });
  await ok("dataset", "archive", "-n", "my-dataset");
  expect(await ok("dataset", "list")).toEqual([]);
  expect(await ok("dataset", "list", "--archived")).toHaveLength(1);
  expect(await ok("dataset", "deprecate", "-n", "my-dataset", "-d", String(first.datasetId))).toMatchObject({ state: "deprecated" });
  expect(await ok("dataset", "reactivate", "-n", "my-dataset")).toMatchObject({ state: "active" });
  await ok("dataset", "unregister", "-n", "my-dataset");
  expect(await refused("dataset", "show", "-n", "my-dataset")).toMatchObject({ code: 3 });
  expect(await refused("dataset", "show")).toMatchObject({ code: 2 });
  write({ parameters: { path: { datastoreName: "workspaceblobstore", relativePath: "none/" }, sourceType: "parquet_files" } });
  expect(await refused("dataset", "register", "-f", "set.json")).toMatchObject({
    code: 3,
    stderr: expect.stringContaining("matches no file"),
  });
  write({ parameters: { ...file.parameters, sourceType: "excel" } });
  expect(await refused("dataset", "register", "-f", "set.json")).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("parameters.sourceType"),
  });
  expect(await refused("dataset", "register", "-f", "no.json")).toMatchObject({ code: 3 });
});
