// Blobs and snapshots over the API of a whole server.
import { describe, expect, it } from "vitest";
import { frame, sha256 } from "../support/temporaryServer.ts";
import { serverOfFile, WS } from "./lab.ts";

const server = serverOfFile();

describe("blobs and snapshots", () => {
  it("keep only bytes that are what they say", async () => {
    const hello = sha256("hello");
    expect(await server().problem("PUT", `/blobs/${hello}`, Buffer.from("hullo"))).toMatchObject({
      status: 422,
      code: "checksum_mismatch",
    });
    expect(await server().get("POST", "/blobs/missing", { sha256: [hello] })).toEqual({ missing: [hello] });
    await server().get("PUT", `/blobs/${hello}`, Buffer.from("hello"));
    await server().get("PUT", `/blobs/${hello}`, Buffer.from("hello"));
    expect(await server().get("POST", "/blobs/missing", { sha256: [hello] })).toEqual({ missing: [] });
    const big = Buffer.alloc(3_000_000, 7);
    expect(await server().get("POST", "/blobs", frame(["a", big, "b", "hello"]))).toEqual({ stored: 3 });
    expect(await server().problem("POST", "/blobs", frame(["c"]).subarray(0, 30))).toMatchObject({ code: "bad_request" });
    expect(await server().problem("PUT", "/blobs/xyz", Buffer.from("x"))).toMatchObject({
      code: "bad_request",
      details: { field: "params.sha256" },
    });
  });

  it("name trees whose blobs are all there", async () => {
    const snapshotId = await server().snapshotOf({ "train.py": "print(1)\n", "data.txt": "0123456789" });
    const at = `${WS}/snapshots/${snapshotId}`;
    expect(await server().get("GET", at)).toMatchObject({ files: 2, bytes: 19 });
    expect(await server().get("GET", `${at}/tree`)).toMatchObject([{ name: "data.txt" }, { name: "train.py" }]);
    const part = await server().ask("GET", `${at}/files/data.txt`, undefined, { range: "bytes=-3" });
    expect([part.status, await part.text()]).toEqual([206, "789"]);
    expect(await server().problem("GET", `${at}/files/none.txt`)).toMatchObject({ code: "not_found" });
    expect(await server().problem("GET", `${at}/files/..%2f..%2ftoken`)).toMatchObject({ code: "not_found" });
    expect(await server().problem("GET", `${at}/tree?folder=data.txt`)).toMatchObject({ code: "bad_request" });
    expect(await server().problem("POST", `${WS}/snapshots`, { root: "0".repeat(64) })).toMatchObject({ code: "snapshot_incomplete" });
    expect(await server().problem("POST", `${WS}/snapshots`, { root: sha256("hello") })).toMatchObject({ code: "bad_request" });
  });
});
