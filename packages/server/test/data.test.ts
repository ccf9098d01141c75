// Datastores and datasets over HTTP, and runs that read and write them, on a whole server.
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer as createHttp, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Datastore, DatastoreFile, RegisteredDataset, Run, RunDetails, SavedDataset } from "@switchyard/protocol";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { eventually } from "./support/eventually.ts";
import { frame, sha256, TemporaryServer } from "./support/temporaryServer.ts";

const WS = "/workspaces/default";
const STORE = `${WS}/datastores/workspaceblobstore`;
let server: TemporaryServer;
let folder: string;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "switchyard-data-"));
  server = await TemporaryServer.start({ datastoreRoots: [folder] });
});
afterEach(async () => {
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

const upload = async (files: Readonly<Record<string, string>>, existing = "refuse", store = STORE) => {
  await server.get("POST", "/blobs", frame(Object.values(files)));
  const rows = Object.entries(files).map(([path, text]) => ({ path, sha256: sha256(text), size: Buffer.byteLength(text) }));
  return await server.get<{ added: number; same: number; skipped: string[] }>("POST", `${store}/files`, { files: rows, existing });
};
const listed = async (query = "", store = STORE) =>
  (await server.get<{ items: DatastoreFile[]; next: string | null }>("GET", `${store}/files${query}`)).items.map(({ path }) => path);
const textOf = async (path: string) => await (await server.ask("GET", path)).text();
const save = (definition: object) => server.get<SavedDataset>("POST", `${WS}/datasets`, { definition });
const files = (...paths: string[]) => ({
  kind: "file",
  sources: paths.map((path) => ({ datastore: "workspaceblobstore", path })),
});

const USER = { python: { userManagedDependencies: true, interpreterPath: "python3" } };
const submit = async (script: string, sections: object, more: object = {}) => {
  const snapshotId = await server.snapshotOf({ "run.sh": script });
  const runConfiguration = { command: ["sh", "run.sh"], environment: USER, ...sections };
  return await server.get<Run>("POST", `${WS}/runs`, { experimentName: "data", snapshotId, runConfiguration, ...more });
};
const ended = async (runId: string) => {
  await eventually(async () => (await server.get<Run>("GET", `${WS}/runs/${runId}`)).endTimeUtc !== null);
  return await server.get<RunDetails>("GET", `${WS}/runs/${runId}`);
};
const logOf = (runId: string) => textOf(`${WS}/runs/${runId}/files/azureml-logs/80_driver_log.txt`);
const refusal = async (sections: object) => {
  const snapshotId = await server.snapshotOf({ "run.sh": "exit 0" });
  const runConfiguration = { command: ["sh", "run.sh"], environment: USER, ...sections };
  return await server.problem("POST", `${WS}/runs`, { experimentName: "data", snapshotId, runConfiguration });
};

describe("datastores", () => {
  it("of every workspace are there, and one is the default until another is chosen", async () => {
    const all = await server.get<Datastore[]>("GET", `${WS}/datastores`);
    expect(all.map(({ name, datastoreType, isDefault }) => [name, datastoreType, isDefault])).toEqual([
      ["workspaceblobstore", "AzureBlob", true],
      ["workspacefilestore", "AzureFile", false],
    ]);
    await server.get("PUT", `${WS}/default-datastore`, { name: "WorkspaceFileStore" });
    expect(await server.get("GET", `${WS}/default-datastore`)).toMatchObject({ name: "workspacefilestore", isDefault: true });
    expect(await server.problem("DELETE", `${WS}/datastores/workspaceblobstore`)).toMatchObject({ code: "conflict" });
    expect(await server.problem("GET", `${WS}/datastores/workspaceblobstor`)).toMatchObject({
      code: "not_found",
      details: { nearest: "workspaceblobstore" },
    });
    expect(await server.problem("PUT", `${WS}/default-datastore`, { name: "none" })).toMatchObject({ code: "not_found" });
  });

  it("take files, all or none, and give them back whole and in ranges", async () => {
    expect(await upload({ "a/x.csv": "1,2", "./a//y.csv": "3", b: "" })).toEqual({ added: 3, same: 0, skipped: [] });
    expect(await listed()).toEqual(["a/x.csv", "a/y.csv", "b"]);
    expect(await listed("?prefix=a/")).toEqual(["a/x.csv", "a/y.csv"]);
    expect(await listed("?glob=**/x*")).toEqual(["a/x.csv"]);
    expect(await listed("?limit=1&after=a/x.csv")).toEqual(["a/y.csv"]);
    expect(await textOf(`${STORE}/files/a/x.csv`)).toBe("1,2");
    const part = await server.ask("GET", `${STORE}/files/a/x.csv`, undefined, { range: "bytes=2-" });
    expect([part.status, await part.text()]).toEqual([206, "2"]);
    expect(await server.problem("GET", `${STORE}/files/none`)).toMatchObject({ code: "not_found" });
    const changed = [{ path: "a/x.csv", sha256: sha256("new"), size: 3 }];
    expect(await server.problem("POST", `${STORE}/files`, { files: changed })).toMatchObject({
      code: "snapshot_incomplete",
      details: { missing: [sha256("new")] },
    });
    await server.get("POST", "/blobs", frame(["new"]));
    expect(await server.problem("POST", `${STORE}/files`, { files: changed })).toMatchObject({
      code: "conflict",
      details: { paths: ["a/x.csv"] },
    });
    expect(await upload({ "a/x.csv": "new" }, "skip")).toMatchObject({ added: 0, skipped: ["a/x.csv"] });
    await upload({ "a/x.csv": "new" }, "replace");
    expect(await textOf(`${STORE}/files/a/x.csv`)).toBe("new");
    expect(await server.get("POST", `${STORE}/remove`, { path: "a" })).toEqual({ removed: 2 });
    expect(await listed()).toEqual(["b"]);
  });

  it("refuse paths that lead out", async () => {
    const rows = (path: string) => ({ files: [{ path, sha256: sha256("x"), size: 1 }] });
    for (const path of ["../x", "a/../../x", "..", "a\\..\\x"]) {
      expect(await server.problem("POST", `${STORE}/files`, rows(path)), path).toMatchObject({ code: "path_escape" });
    }
    expect(await server.problem("POST", `${STORE}/files`, rows("/"))).toMatchObject({ code: "bad_request" });
    expect(await server.problem("POST", `${STORE}/remove`, { path: "../x" })).toMatchObject({ code: "path_escape" });
  });

  it("are registered with sealed credentials; those that cannot be reached say so by name", async () => {
    const body = {
      name: "adls",
      kind: "azureDataLakeGen2",
      settings: { accountName: "acc", filesystem: "fs", tenantId: "t" },
      secret: { clientSecret: "s3cret!" },
    };
    const made = await server.get<Datastore>("POST", `${WS}/datastores`, body);
    expect(made).toMatchObject({ datastoreType: "AzureDataLakeGen2", hasCredentials: true, readable: false });
    expect(JSON.stringify(made)).not.toContain("s3cret!");
    expect(readFileSync(join(server.home, "switchyard.db")).includes("s3cret!")).toBe(false);
    expect(await server.get("POST", `${WS}/datastores/ADLS/credentials`)).toEqual({ clientSecret: "s3cret!" });
    const problem = await server.problem("GET", `${WS}/datastores/adls/files`);
    expect(problem).toMatchObject({ code: "not_implemented" });
    expect(problem.detail).toContain("AzureDataLakeGen2");
    expect(await server.problem("POST", `${WS}/datastores`, body)).toMatchObject({ code: "already_exists" });
    const wrong = await server.problem("POST", `${WS}/datastores`, { ...body, settings: { filesystem: 5 }, overwrite: true });
    expect(wrong).toMatchObject({ code: "bad_request", detail: expect.stringContaining("settings.accountName") });
    await server.get("DELETE", `${WS}/datastores/adls`);
    expect((await server.ask("GET", `${WS}/datastores/adls`)).status).toBe(404);
  });

  it("may be folders, below those that the operator names", async () => {
    mkdirSync(join(folder, "set/inner"), { recursive: true });
    writeFileSync(join(folder, "set/inner/a.txt"), "a");
    symlinkSync("/etc/hostname", join(folder, "set/out"));
    const register = (name: string, path: string) => ({ name, kind: "folder", settings: { path } });
    await server.get("POST", `${WS}/datastores`, register("disk", join(folder, "set")));
    const store = `${WS}/datastores/disk`;
    expect(await listed("", store)).toEqual(["inner/a.txt"]);
    expect(await textOf(`${store}/files/inner/a.txt`)).toBe("a");
    expect(await server.problem("GET", `${store}/files/out`)).toMatchObject({ code: "forbidden" });
    expect(await upload({ "new/b.txt": "b" }, "skip", store)).toMatchObject({ added: 1 });
    expect(readFileSync(join(folder, "set/new/b.txt"), "utf8")).toBe("b");
    expect(await upload({ "new/b.txt": "c" }, "skip", store)).toMatchObject({ skipped: ["new/b.txt"] });
    expect(await server.problem("POST", `${WS}/datastores`, register("etc", "/etc"))).toMatchObject({ code: "forbidden" });
    expect(await server.problem("POST", `${WS}/datastores`, register("no", join(folder, "no")))).toMatchObject({ code: "bad_request" });
    symlinkSync("/etc", join(folder, "trick"));
    expect(await server.problem("POST", `${WS}/datastores`, register("trick", join(folder, "trick")))).toMatchObject({ code: "forbidden" });
    await server.get("DELETE", store);
    expect(readFileSync(join(folder, "set/inner/a.txt"), "utf8")).toBe("a");
  });
});

describe("datasets", () => {
  it("name their files as they are now, relative to where they come from", async () => {
    await upload({ "d/a/1.csv": "1", "d/a/2.csv": "2", "d/b/3.csv": "3", "e.txt": "e" });
    const names = async (definition: object) => {
      const { datasetId } = await save(definition);
      return (await server.get<{ path: string }[]>("GET", `${WS}/datasets/${datasetId}/files`)).map(({ path }) => path);
    };
    expect(await names(files("d"))).toEqual(["a/1.csv", "a/2.csv", "b/3.csv"]);
    expect(await names(files("d/*/*.csv"))).toEqual(["a/1.csv", "a/2.csv", "b/3.csv"]);
    expect(await names(files("d/a/1.csv"))).toEqual(["1.csv"]);
    expect(await names(files("d/a", "d/b/3.csv"))).toEqual(["a/1.csv", "a/2.csv", "b/3.csv"]);
    expect(await names({ ...files("d"), steps: [{ do: "skip", count: 1 }, { do: "take", count: 1 }] })).toEqual(["a/2.csv"]); // biome-ignore format: short
    const part = (part: number) => names({ ...files("d"), steps: [{ do: "split", percentage: 0.5, seed: 7, part }] });
    expect([...(await part(0)), ...(await part(1))].sort()).toEqual(["a/1.csv", "a/2.csv", "b/3.csv"]);
    expect(await names(files("none/"))).toEqual([]);
    expect(await server.problem("POST", `${WS}/datasets`, { definition: { kind: "file", sources: [{ datastore: "no", path: "" }] } })).toMatchObject({ code: "not_found" }); // biome-ignore format: one refusal
  });

  it("are registered, versioned, found again by name and id, deprecated and archived", async () => {
    const register = (path: string, more: object = {}) =>
      server.get<RegisteredDataset>("POST", `${WS}/registered-datasets`, { name: "diabetes dataset", definition: files(path), ...more });
    const first = await register("a", { description: "training", tags: { t: "1" } });
    expect(first).toMatchObject({ version: 1, latestVersion: 1, state: "active" });
    const body = { name: "diabetes dataset", definition: files("b") };
    expect(await server.problem("POST", `${WS}/registered-datasets`, body)).toMatchObject({ code: "already_exists" });
    expect(await register("b", { createNewVersion: true })).toMatchObject({ version: 2 });
    const at = `${WS}/registered-datasets/diabetes%20dataset`;
    expect(await server.get("GET", at)).toMatchObject({ version: 2 });
    expect(await server.get("GET", `${at}?version=1`)).toMatchObject({ description: "training", datasetId: first.datasetId });
    expect(await server.get("GET", `${WS}/datasets/${first.datasetId}`)).toMatchObject({ registration: { version: 1 } });
    expect(await server.problem("GET", `${at}?version=3`)).toMatchObject({ detail: expect.stringContaining("newest is 2") });
    expect(await server.problem("GET", `${WS}/registered-datasets/diabetes%20dataser`)).toMatchObject({
      details: { nearest: "diabetes dataset" },
    });
    expect(await server.problem("GET", `${at}?version=zero`)).toMatchObject({ code: "bad_request" });
    expect(await server.get("PATCH", at, { state: "archived" })).toMatchObject({ state: "archived" });
    expect(await server.get("GET", `${WS}/registered-datasets`)).toMatchObject({ items: [] });
    expect(await server.get("PATCH", at, { state: "deprecated", deprecatedBy: first.datasetId })).toMatchObject({ state: "deprecated" });
    expect(await server.problem("PATCH", at, { state: "deprecated", deprecatedBy: "no" })).toMatchObject({ code: "not_found" });
    await server.get("DELETE", at);
    expect(await server.problem("DELETE", at)).toMatchObject({ code: "not_found" });
    expect((await server.ask("GET", `${WS}/datasets/${first.datasetId}`)).status).toBe(200);
  });
});

describe("a run", () => {
  it("finds its inputs as files, read-only, with the words of its command and its variables replaced", async () => {
    await upload({ "diabetes/features.npy": "F", "diabetes/deep/labels.npy": "L", "one/file.csv": "x,y" });
    const { datasetId } = await save(files("diabetes"));
    const single = await save(files("one/file.csv"));
    const run = await submit(
      [
        'echo "args: $*"',
        "cat $1/features.npy $2/deep/labels.npy; echo; cat $3; echo",
        'cat "$AZUREML_DATAREFERENCE_ref/features.npy" "$set/features.npy" "$MINE"; echo',
        'ls -l "$set/features.npy" | cut -c1-10; ls -l "$1/features.npy" | cut -c1-10',
        "cat in/put/features.npy; echo",
      ].join("\n"),
      {
        arguments: [
          "$AZUREML_DATAREFERENCE_ref",
          "DatasetConsumptionConfig:set",
          "DatasetConsumptionConfig:one",
          "--p=DatasetConsumptionConfig:by_id",
          "$HOME",
        ],
        dataReferences: {
          ref: { dataStoreName: "workspaceblobstore", pathOnDataStore: "diabetes", mode: "download", pathOnCompute: "in/put" },
        },
        data: {
          set: { dataLocation: { dataset: { id: datasetId } }, mechanism: "mount" },
          one: { dataLocation: { dataset: { id: single.datasetId } }, mechanism: "Download", environmentVariableName: "MINE" },
          by_id: { dataLocation: { dataset: { id: single.datasetId } }, mechanism: "Direct" },
        },
      },
    );
    await upload({ "diabetes/features.npy": "changed" }, "replace"); // after submit: the run does not see it
    const details = await ended(run.runId);
    const log = await logOf(run.runId);
    expect(details.status, log).toBe("Completed");
    const lines = log.trim().split("\n");
    expect(lines[0]).toMatch(new RegExp(`^args: /.*/data/ref /.*/data/set /.*/data/one/file.csv --p=${single.datasetId} \\$HOME$`));
    expect(lines.slice(1)).toEqual(["FL", "x,y", "FFx,y", "-r--r--r--", "-rw-r--r--", "F"]);
    expect(details.inputDatasets).toMatchObject([
      { dataset: null, dataPath: { relativePath: "diabetes" }, consumptionDetails: { inputName: "ref", mechanism: "Download" }, files: 2 },
      { dataset: { id: datasetId }, consumptionDetails: { inputName: "set", mechanism: "Mount" } },
      { dataset: { id: single.datasetId }, consumptionDetails: { inputName: "one" } },
      { consumptionDetails: { inputName: "by_id", mechanism: "Direct" } },
    ]);
  });

  it("finds them from a command line of the shell too", async () => {
    await upload({ "d/a.txt": "hello" });
    const { datasetId } = await save(files("d"));
    const run = await submit("", {
      command: "cat DatasetConsumptionConfig:x/a.txt && echo again > DatasetOutputConfig:out/b.txt",
      data: { x: { dataLocation: { dataset: { id: datasetId } } } },
      outputData: { out: { outputLocation: { dataPath: { datastoreName: "workspacefilestore", relativePath: "o" } } } },
    });
    expect((await ended(run.runId)).status).toBe("Completed");
    expect(await logOf(run.runId)).toBe("hello");
    expect(await textOf(`${WS}/datastores/workspacefilestore/files/o/b.txt`)).toBe("again\n");
  });

  it("puts its outputs on datastores when it is over, registers them, and does not keep them twice", async () => {
    const run = await submit('mkdir "$1/deep" && echo r > "$1/deep/r.txt" && echo u > "$AZUREML_DATAREFERENCE_up/u.txt"', {
      arguments: ["DatasetOutputConfig:result"],
      dataReferences: { up: { dataStoreName: "workspaceblobstore", pathOnDataStore: "up", mode: "Upload" } },
      outputData: {
        result: {
          mechanism: "Mount",
          additionalOptions: { registrationOptions: { name: "results", description: "d", tags: { a: "1" } } },
        },
        nothing: {},
      },
    });
    const details = await ended(run.runId);
    expect(details.status, await logOf(run.runId)).toBe("Completed");
    expect(await listed()).toEqual([`dataset/${run.runId}/result/deep/r.txt`, "up/u.txt"]);
    const registered = await server.get<RegisteredDataset>("GET", `${WS}/registered-datasets/results`);
    expect(registered).toMatchObject({ version: 1, description: "d", tags: { a: "1" } });
    expect(details.outputDatasets).toMatchObject([
      { dataset: { version: null }, outputDetails: { outputName: "up" }, files: 1 },
      { dataset: { id: registered.datasetId, name: "results", version: 1 }, outputDetails: { outputName: "result" } },
      { dataset: null, outputDetails: { outputName: "nothing" }, files: 0 },
    ]);
    const own = await server.get<{ path: string }[]>("GET", `${WS}/runs/${run.runId}/files`);
    expect(own.filter(({ path }) => path.startsWith("dataoutputs"))).toEqual([]);
  });

  it("that may not overwrite says which files stayed its own; one that failed registers nothing", async () => {
    await upload({ "up/u.txt": "before" });
    const reference = { dataStoreName: "workspaceblobstore", pathOnDataStore: "up", mode: "Upload" };
    const kept = await submit('echo new > "$AZUREML_DATAREFERENCE_up/u.txt"', { dataReferences: { up: reference } });
    const details = await ended(kept.runId);
    expect(details.warnings).toEqual([expect.stringMatching(/1 files of the output "up" .*Set overwrite/)]);
    expect(await textOf(`${STORE}/files/up/u.txt`)).toBe("before");
    expect(await textOf(`${WS}/runs/${kept.runId}/files/dataoutputs/up/u.txt`)).toBe("new\n");
    const failed = await submit('echo new > "$AZUREML_DATAREFERENCE_up/u.txt"; echo x > "$AZUREML_DATAREFERENCE_o/x"; exit 3', {
      dataReferences: { up: { ...reference, overwrite: true } },
      outputData: { o: { additionalOptions: { registrationOptions: { name: "never" } } } },
    });
    expect((await ended(failed.runId)).status).toBe("Failed");
    expect(await textOf(`${STORE}/files/up/u.txt`)).toBe("new\n");
    expect((await server.ask("GET", `${WS}/registered-datasets/never`)).status).toBe(404);
  });

  it("is warned of arguments that name a reference which it does not have", async () => {
    const run = await submit("exit 0", { arguments: ["$AZUREML_DATAREFERENCE_x", `$\{AZUREML_DATAREFERENCE_x}/a`] });
    expect(run.warnings).toEqual([expect.stringContaining("names no data reference of this run")]);
    await ended(run.runId);
  });

  it("is refused, by name, for data that is not there or leads out", async () => {
    await upload({ "d/a.txt": "a" });
    const location = (dataset: object) => ({ data: { x: { dataLocation: { dataset } } } });
    const { datasetId } = await save(files("empty/**"));
    await server.get("POST", `${WS}/registered-datasets`, { name: "mine", definition: files("d") });
    expect(await refusal(location({ id: datasetId }))).toMatchObject({ code: "not_found", detail: expect.stringContaining('input "x"') });
    expect(await refusal(location({ id: "no" }))).toMatchObject({ code: "not_found" });
    expect(await refusal(location({ name: "mine", version: 2 }))).toMatchObject({
      code: "not_found",
      detail: expect.stringContaining("version 2"),
    });
    expect(await refusal(location({ name: "main" }))).toMatchObject({ details: { nearest: "mine" } });
    expect(await refusal({ data: { x: {} } })).toMatchObject({ code: "bad_request" });
    expect(await refusal({ data: { "a b": {} } })).toMatchObject({ code: "bad_request" });
    const reference = (fields: object) => ({ dataReferences: { r: { dataStoreName: "workspaceblobstore", ...fields } } });
    expect(await refusal(reference({ dataStoreName: "none" }))).toMatchObject({ code: "not_found" });
    expect(await refusal(reference({ pathOnDataStore: "../x" }))).toMatchObject({ code: "path_escape" });
    expect(await refusal(reference({ pathOnCompute: "../x" }))).toMatchObject({ code: "path_escape" });
    expect(await refusal({ ...reference({ pathOnDataStore: "d" }), data: { r: {} } })).toMatchObject({ code: "bad_request" });
  });

  it("may read what a folder of the server's machine has, as it was at submit", async () => {
    writeFileSync(join(folder, "a.txt"), "at submit");
    await server.get("POST", `${WS}/datastores`, { name: "disk", kind: "folder", settings: { path: folder } });
    const run = await submit("cat $AZUREML_DATAREFERENCE_d/a.txt; echo out > $AZUREML_DATAREFERENCE_o/b.txt", {
      dataReferences: {
        d: { dataStoreName: "disk", mode: "mount" },
        o: { dataStoreName: "disk", mode: "upload", pathOnDataStore: "results" },
      },
    });
    expect((await ended(run.runId)).status).toBe("Completed");
    expect(await logOf(run.runId)).toBe("at submit");
    expect(readFileSync(join(folder, "results/b.txt"), "utf8")).toBe("out\n");
  });

  it("with its own token reads datasets and registers some, and touches no credentials", async () => {
    await upload({ "d/a.txt": "a" });
    const told = join(folder, "token");
    const run = await submit(`printf %s "$AZUREML_RUN_TOKEN" >"${told}.new" && mv "${told}.new" "${told}" && exec sleep 600`, {});
    const secret = await eventually(async () => existsSync(told) && readFileSync(told, "utf8"));
    const headers = { authorization: `Bearer ${secret}` };
    expect((await server.ask("GET", `${STORE}/files/d/a.txt`, undefined, headers)).status).toBe(200);
    const body = { name: "from run", definition: files("d") };
    expect((await server.ask("POST", `${WS}/registered-datasets`, body, headers)).status).toBe(200);
    expect((await server.ask("POST", `${STORE}/credentials`, undefined, headers)).status).toBe(403);
    expect((await server.ask("POST", `${WS}/datastores`, { name: "x", kind: "dbfs" }, headers)).status).toBe(403);
    await server.get("POST", `${WS}/runs/${run.runId}/cancel`, { graceSeconds: 0 });
    await ended(run.runId);
  });
});

describe("data elsewhere", () => {
  let stand: Server;
  let url: string;
  const requests: string[] = [];
  const pages: Record<string, { body: string; etag?: string; status?: number; location?: string; cut?: boolean }> = {};
  beforeEach(async () => {
    requests.length = 0;
    for (const key of Object.keys(pages)) delete pages[key];
    stand = createHttp((request, response) => {
      requests.push(`${request.method} ${request.url}`);
      const page = pages[decodeURIComponent(request.url ?? "")];
      if (page === undefined) return void response.writeHead(404).end("<Error><Code>ResourceNotFound</Code></Error>");
      if (page.location) return void response.writeHead(302, { location: page.location }).end();
      const length = Buffer.byteLength(page.body) + (page.cut ? 5 : 0);
      response.writeHead(page.status ?? 200, { "content-length": length, ...(page.etag && { etag: page.etag }) });
      if (request.method === "HEAD") return void response.end();
      response.write(page.body);
      if (page.cut) response.destroy();
      else response.end();
    });
    await new Promise<void>((resolve) => stand.listen(0, "127.0.0.1", resolve));
    url = `http://127.0.0.1:${(stand.address() as AddressInfo).port}`;
  });
  afterEach(() => new Promise((resolve) => stand.close(resolve)));
  const restart = async (settings: object) => {
    await server.close();
    server = await TemporaryServer.start(settings);
  };
  const web = (...urls: string[]) => ({ kind: "file", sources: urls.map((each) => ({ url: each })) });
  const fetched = async (definition: object) => {
    const { datasetId } = await save(definition);
    return await server.get<{ path: string; sha256: string }[]>("GET", `${WS}/datasets/${datasetId}/files?fetch=true`);
  };
  const notFetched = async (definition: object) => {
    const { datasetId } = await save(definition);
    return await server.problem("GET", `${WS}/datasets/${datasetId}/files?fetch=true`);
  };

  it("on the web is fetched once while it stays the same, and follows the operator's mirrors", async () => {
    await restart({ dataMirrors: { "https://data.example/": `${url}/` } });
    pages["/set/a.csv"] = { body: "a,b", etag: '"1"' };
    const dataset = web("https://data.example/set/a.csv");
    expect(await fetched(dataset)).toMatchObject([{ path: "a.csv", sha256: sha256("a,b") }]);
    await fetched(dataset);
    expect(requests.filter((request) => request.startsWith("GET"))).toEqual(["GET /set/a.csv"]);
    pages["/set/a.csv"] = { body: "new", etag: '"2"' };
    expect(await fetched(dataset)).toMatchObject([{ sha256: sha256("new") }]);
    const run = await submit("cat $x", { data: { x: { dataLocation: { uri: "https://data.example/set/a.csv" }, mechanism: "Mount" } } });
    expect((await ended(run.runId)).status).toBe("Completed");
    expect(await logOf(run.runId)).toBe("new");
  });

  it("is refused where it is this machine's own, is not there, breaks off or is too large", async () => {
    expect(await notFetched(web(`${url}/x`))).toMatchObject({ code: "forbidden", detail: expect.stringContaining("dataMirrors") });
    expect(await notFetched(web("http://[::1]:1/x"))).toMatchObject({ code: "forbidden" });
    expect(await notFetched(web("http://localhost:1/x"))).toMatchObject({ code: "forbidden" });
    await restart({ dataMirrors: { "https://data.example/": `${url}/` }, fetchLimitBytes: 100 });
    expect(await notFetched(web("https://data.example/none"))).toMatchObject({ code: "not_found" });
    pages["/big"] = { body: "x".repeat(101) };
    expect(await notFetched(web("https://data.example/big"))).toMatchObject({ code: "too_large" });
    pages["/cut"] = { body: "half", cut: true };
    expect(await notFetched(web("https://data.example/cut"))).toMatchObject({ code: "conflict" });
    pages["/round"] = { body: "", location: "/round" };
    expect(await notFetched(web("https://data.example/round"))).toMatchObject({ code: "bad_request" });
  });

  it("in a container of Azure Blob storage is listed and read, without a key and with one", async () => {
    const listing = (names: string[], next = "") =>
      `<?xml version="1.0"?><EnumerationResults><Blobs>${names.map((name) => `<Blob><Name>${name}</Name><Properties><Etag>0x1</Etag><Content-Length>1</Content-Length></Properties></Blob>`).join("")}</Blobs><NextMarker>${next}</NextMarker></EnumerationResults>`;
    const account = "https://acc.blob.core.windows.net/";
    await restart({ dataMirrors: { [`${account}con/`]: `${url}/acc/con/` } });
    const settings = { accountName: "acc", containerName: "con" };
    await server.get("POST", `${WS}/datastores`, { name: "azure", kind: "azureBlob", settings });
    pages["/acc/con?restype=container&comp=list&prefix=d/"] = { body: listing(["d/a&amp;b.txt"], "more") };
    pages["/acc/con?restype=container&comp=list&prefix=d/&marker=more"] = { body: listing(["d/c.txt"]) };
    pages["/acc/con/d/a&b.txt"] = { body: "A" };
    pages["/acc/con/d/c.txt"] = { body: "C" };
    expect(await listed("?prefix=d/", `${WS}/datastores/azure`)).toEqual(["d/a&b.txt", "d/c.txt"]);
    expect(await fetched({ kind: "file", sources: [{ datastore: "azure", path: "d" }] })).toMatchObject([
      { path: "a&b.txt", sha256: sha256("A") },
      { path: "c.txt", sha256: sha256("C") },
    ]);
    expect(await server.get("GET", `${WS}/datastores/azure`)).toMatchObject({ readable: true, writable: false });
  });

  it("may stand in a folder of the operator's, for an account and for the web", async () => {
    mkdirSync(join(folder, "con"), { recursive: true });
    writeFileSync(join(folder, "con/iris.csv"), "iris");
    await restart({ dataMirrors: { "https://acc.blob.core.windows.net/": `folder:${folder}/` } });
    await server.get("POST", `${WS}/datastores`, { name: "p", kind: "azureBlob", settings: { accountName: "acc", containerName: "con" } });
    expect(await listed("", `${WS}/datastores/p`)).toEqual(["iris.csv"]);
    expect(await fetched({ kind: "file", sources: [{ datastore: "p", path: "iris.csv" }] })).toMatchObject([{ sha256: sha256("iris") }]);
    expect(await fetched(web("https://acc.blob.core.windows.net/con/iris.csv"))).toMatchObject([
      { path: "iris.csv", sha256: sha256("iris") },
    ]);
  });
});
