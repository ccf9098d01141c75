// Datastores over HTTP, on a whole server.
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Datastore } from "@switchyard/protocol";
import { describe, expect, it } from "vitest";
import { frame, sha256 } from "../support/temporaryServer.ts";
import { STORE, useDataLab, WS } from "./dataLab.ts";

const lab = useDataLab();
const { upload, listed, textOf } = lab;

describe("datastores", () => {
  it("of every workspace are there, and one is the default until another is chosen", async () => {
    const all = await lab.server.get<Datastore[]>("GET", `${WS}/datastores`);
    expect(all.map(({ name, datastoreType, isDefault }) => [name, datastoreType, isDefault])).toEqual([
      ["workspaceblobstore", "AzureBlob", true],
      ["workspacefilestore", "AzureFile", false],
    ]);
    await lab.server.get("PUT", `${WS}/default-datastore`, { name: "WorkspaceFileStore" });
    expect(await lab.server.get("GET", `${WS}/default-datastore`)).toMatchObject({ name: "workspacefilestore", isDefault: true });
    expect(await lab.server.problem("DELETE", `${WS}/datastores/workspaceblobstore`)).toMatchObject({ code: "conflict" });
    expect(await lab.server.problem("GET", `${WS}/datastores/workspaceblobstor`)).toMatchObject({
      code: "not_found",
      details: { nearest: "workspaceblobstore" },
    });
    expect(await lab.server.problem("PUT", `${WS}/default-datastore`, { name: "none" })).toMatchObject({ code: "not_found" });
  });

  it("take files, all or none, and give them back whole and in ranges", async () => {
    expect(await upload({ "a/x.csv": "1,2", "./a//y.csv": "3", b: "" })).toEqual({ added: 3, same: 0, skipped: [] });
    expect(await listed()).toEqual(["a/x.csv", "a/y.csv", "b"]);
    expect(await listed("?prefix=a/")).toEqual(["a/x.csv", "a/y.csv"]);
    expect(await listed("?glob=**/x*")).toEqual(["a/x.csv"]);
    expect(await listed("?limit=1&after=a/x.csv")).toEqual(["a/y.csv"]);
    expect(await textOf(`${STORE}/files/a/x.csv`)).toBe("1,2");
    const part = await lab.server.ask("GET", `${STORE}/files/a/x.csv`, undefined, { range: "bytes=2-" });
    expect([part.status, await part.text()]).toEqual([206, "2"]);
    expect(await lab.server.problem("GET", `${STORE}/files/none`)).toMatchObject({ code: "not_found" });
    const changed = [{ path: "a/x.csv", sha256: sha256("new"), size: 3 }];
    expect(await lab.server.problem("POST", `${STORE}/files`, { files: changed })).toMatchObject({
      code: "snapshot_incomplete",
      details: { missing: [sha256("new")] },
    });
    await lab.server.get("POST", "/blobs", frame(["new"]));
    expect(await lab.server.problem("POST", `${STORE}/files`, { files: changed })).toMatchObject({
      code: "conflict",
      details: { paths: ["a/x.csv"] },
    });
    expect(await upload({ "a/x.csv": "new" }, "skip")).toMatchObject({ added: 0, skipped: ["a/x.csv"] });
    await upload({ "a/x.csv": "new" }, "replace");
    expect(await textOf(`${STORE}/files/a/x.csv`)).toBe("new");
    expect(await lab.server.get("POST", `${STORE}/remove`, { path: "a" })).toEqual({ removed: 2 });
    expect(await listed()).toEqual(["b"]);
  });

  it("refuse paths that lead out", async () => {
    const rows = (path: string) => ({ files: [{ path, sha256: sha256("x"), size: 1 }] });
    for (const path of ["../x", "a/../../x", "..", "a\\..\\x"]) {
      expect(await lab.server.problem("POST", `${STORE}/files`, rows(path)), path).toMatchObject({ code: "path_escape" });
    }
    expect(await lab.server.problem("POST", `${STORE}/files`, rows("/"))).toMatchObject({ code: "bad_request" });
    expect(await lab.server.problem("POST", `${STORE}/remove`, { path: "../x" })).toMatchObject({ code: "path_escape" });
  });

  it("are registered with sealed credentials; those that cannot be reached say so by name", async () => {
    const body = {
      name: "adls",
      kind: "azureDataLakeGen2",
      settings: { accountName: "acc", filesystem: "fs", tenantId: "t" },
      secret: { clientSecret: "s3cret!" },
    };
    const made = await lab.server.get<Datastore>("POST", `${WS}/datastores`, body);
    expect(made).toMatchObject({ datastoreType: "AzureDataLakeGen2", hasCredentials: true, readable: false });
    expect(JSON.stringify(made)).not.toContain("s3cret!");
    expect(readFileSync(join(lab.server.home, "switchyard.db")).includes("s3cret!")).toBe(false);
    expect(await lab.server.get("POST", `${WS}/datastores/ADLS/credentials`)).toEqual({ clientSecret: "s3cret!" });
    const problem = await lab.server.problem("GET", `${WS}/datastores/adls/files`);
    expect(problem).toMatchObject({ code: "not_implemented" });
    expect(problem.detail).toContain("AzureDataLakeGen2");
    expect(await lab.server.problem("POST", `${WS}/datastores`, body)).toMatchObject({ code: "already_exists" });
    const wrong = await lab.server.problem("POST", `${WS}/datastores`, { ...body, settings: { filesystem: 5 }, overwrite: true });
    expect(wrong).toMatchObject({ code: "bad_request", detail: expect.stringContaining("settings.accountName") });
    await lab.server.get("DELETE", `${WS}/datastores/adls`);
    expect((await lab.server.ask("GET", `${WS}/datastores/adls`)).status).toBe(404);
  });

  it("may be folders, below those that the operator names", async () => {
    mkdirSync(join(lab.folder, "set/inner"), { recursive: true });
    writeFileSync(join(lab.folder, "set/inner/a.txt"), "a");
    symlinkSync("/etc/hostname", join(lab.folder, "set/out"));
    const register = (name: string, path: string) => ({ name, kind: "folder", settings: { path } });
    await lab.server.get("POST", `${WS}/datastores`, register("disk", join(lab.folder, "set")));
    const store = `${WS}/datastores/disk`;
    expect(await listed("", store)).toEqual(["inner/a.txt"]);
    expect(await textOf(`${store}/files/inner/a.txt`)).toBe("a");
    expect(await lab.server.problem("GET", `${store}/files/out`)).toMatchObject({ code: "forbidden" });
    expect(await upload({ "new/b.txt": "b" }, "skip", store)).toMatchObject({ added: 1 });
    expect(readFileSync(join(lab.folder, "set/new/b.txt"), "utf8")).toBe("b");
    expect(await upload({ "new/b.txt": "c" }, "skip", store)).toMatchObject({ skipped: ["new/b.txt"] });
    expect(await lab.server.problem("POST", `${WS}/datastores`, register("etc", "/etc"))).toMatchObject({ code: "forbidden" });
    expect(await lab.server.problem("POST", `${WS}/datastores`, register("no", join(lab.folder, "no")))).toMatchObject({
      code: "bad_request",
    });
    symlinkSync("/etc", join(lab.folder, "trick"));
    expect(await lab.server.problem("POST", `${WS}/datastores`, register("trick", join(lab.folder, "trick")))).toMatchObject({
      code: "forbidden",
    });
    await lab.server.get("DELETE", store);
    expect(readFileSync(join(lab.folder, "set/inner/a.txt"), "utf8")).toBe("a");
  });
});
