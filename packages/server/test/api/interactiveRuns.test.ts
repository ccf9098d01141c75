// Interactive runs over the API of a whole server.
import type { Run, RunFile, Why } from "@switchyard/protocol";
import { describe, expect, it } from "vitest";
import { sha256 } from "../support/temporaryServer.ts";
import { serverOfFile, WS } from "./lab.ts";

const server = serverOfFile();

describe("interactive runs", () => {
  const start = (more: object = {}, key?: string) =>
    server().get<Run>(
      "POST",
      `${WS}/interactive-runs`,
      { experimentName: "notebook", snapshotId: null, ...more },
      key === undefined ? {} : { "idempotency-key": key },
    );

  it("are one run however often the request is repeated", async () => {
    const first = await start({}, "once");
    expect((await start({}, "once")).runId).toBe(first.runId);
    const other = await server().problem(
      "POST",
      `${WS}/interactive-runs`,
      { experimentName: "other", snapshotId: null },
      { "idempotency-key": "once" },
    );
    expect(other).toMatchObject({ status: 422, code: "idempotency_mismatch" });
    const token = await server().problem("POST", "/tokens", { note: "twice", user: "ada" }, { "idempotency-key": "once more" });
    expect(token).toMatchObject({ code: "bad_request", detail: expect.stringContaining("takes no Idempotency-Key") });
  });

  it("take tags and names, and properties once", async () => {
    const { runId } = await start({ tags: { team: "a" } });
    const at = `${WS}/runs/${runId}`;
    const changed = await server().get<Run>("PATCH", at, {
      tags: { bare: null },
      removeTags: ["team"],
      properties: { p: "1" },
      displayName: "best",
      description: "x",
    });
    expect(changed).toMatchObject({ tags: { bare: null }, properties: { p: "1" }, displayName: "best", description: "x" });
    expect(changed.tags).not.toHaveProperty("team");
    const refused = await server().problem("PATCH", at, { properties: { p: "2" }, tags: { late: "x" } });
    expect(refused).toMatchObject({ status: 409, code: "conflict", details: { properties: ["p"] } });
    expect((await server().get<Run>("GET", at)).tags).not.toHaveProperty("late");
  });

  it("take metrics by journal lines, each once", async () => {
    const { runId } = await start();
    const at = `${WS}/runs/${runId}`;
    const lines = Buffer.from([1, 2, 3].map((n) => `${JSON.stringify({ n, t: n, k: "m", name: "loss", v: n / 10 })}\n`).join(""));
    expect(await server().get("POST", `${at}/journal?writer=w`, lines)).toEqual({ lastNumber: 3 });
    expect(await server().get("POST", `${at}/journal?writer=w`, lines)).toEqual({ lastNumber: 3 });
    expect(await server().get("GET", `${at}/metrics`)).toMatchObject([{ name: "loss", count: 3, last: 0.3 }]);
    expect(await server().get("GET", `${at}/metrics/loss`)).toMatchObject({ total: 3, values: [0.1, 0.2, 0.3] });
    expect(await server().problem("GET", `${at}/metrics/none`)).toMatchObject({ code: "not_found" });
    const listed = await server().get<{ items: Run[] }>(
      "GET",
      `${WS}/runs?where=${encodeURIComponent("metrics.loss < 1")}&order=metrics.loss`,
    );
    expect(listed.items.map((run) => run.runId)).toEqual([runId]);
  });

  it("keep files: a name once, whole or in ranges, never outside", async () => {
    const { runId } = await start();
    const at = `${WS}/runs/${runId}/files`;
    expect(await server().get<RunFile>("PUT", `${at}/outputs/model%20a.bin`, Buffer.from("0123456789"))).toMatchObject({
      path: "outputs/model a.bin",
      size: 10,
      sha256: sha256("0123456789"),
    });
    await server().get("PUT", `${at}/outputs/model%20a.bin`, Buffer.from("0123456789"));
    expect(await server().problem("PUT", `${at}/outputs/model%20a.bin`, Buffer.from("other"))).toMatchObject({ code: "conflict" });
    expect(await server().get("GET", at)).toMatchObject([{ path: "outputs/model a.bin" }]);
    const part = await server().ask("GET", `${at}/outputs/model%20a.bin`, undefined, { range: "bytes=2-3" });
    expect([part.status, await part.text()]).toEqual([206, "23"]);
    expect(await server().problem("GET", `${at}/outputs/model%20b.bin`)).toMatchObject({
      code: "not_found",
      details: { nearest: "outputs/model a.bin" },
    });
    for (const path of [
      "..%2f..%2ftoken",
      "outputs%2f..%2f..%2f..%2ftoken",
      "%2fetc%2fpasswd",
      "a%00b",
      "attempts%2f1%2fx",
      `${"a%2f".repeat(10_000)}x`,
    ]) {
      expect((await server().ask("PUT", `${at}/${path}`, Buffer.from("x"))).status, path.slice(0, 40)).toBeGreaterThanOrEqual(400);
      expect((await server().ask("GET", `${at}/${path}`)).status, path.slice(0, 40)).toBeGreaterThanOrEqual(400);
    }
  });

  it("end as they are ended, and stay so", async () => {
    const { runId } = await start();
    const at = `${WS}/runs/${runId}`;
    expect(await server().get("POST", `${at}/end`, { status: "Failed", error: { code: "X", message: "boom" } })).toMatchObject({
      status: "Failed",
    });
    expect(await server().problem("POST", `${at}/end`, { status: "Completed" })).toMatchObject({ code: "conflict" });
    expect(await server().get("POST", `${at}/cancel`)).toMatchObject({ status: "Failed" });
    expect((await server().get<Why>("GET", `${at}/why`)).summary).toContain("boom");
  });
});
