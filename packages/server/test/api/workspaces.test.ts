// Workspaces and experiments over the API of a whole server.
import type { Run } from "@switchyard/protocol";
import { describe, expect, it } from "vitest";
import { serverOfFile } from "./lab.ts";

const server = serverOfFile();

describe("workspaces and experiments", () => {
  it("are made once", async () => {
    expect(await server().get("POST", "/workspaces", { name: "lab" })).toMatchObject({ name: "lab", resourceGroup: "switchyard" });
    expect(await server().problem("POST", "/workspaces", { name: "lab" })).toMatchObject({ code: "already_exists" });
    expect(await server().get("POST", "/workspaces", { name: "lab", existOk: true })).toMatchObject({ name: "lab" });
    expect(await server().get("GET", "/workspaces")).toHaveLength(2);
    expect(await server().problem("GET", "/workspaces/none")).toMatchObject({ code: "not_found" });
    expect(await server().problem("GET", "/workspaces/none/runs")).toMatchObject({ code: "not_found" });
  });

  it("keep what is said of them", async () => {
    await server().get("POST", "/workspaces", { name: "said", friendlyName: "Said", tags: { a: "1" } });
    await server().get("PATCH", "/workspaces/said", { description: "x", tags: { b: "2", a: null } });
    expect(await server().get("GET", "/workspaces/said")).toMatchObject({
      friendlyName: "Said",
      description: "x",
      tags: { b: "2" },
      sku: "basic",
    });
    expect(await server().problem("PATCH", "/workspaces/said", { tags: { a: 1 } })).toMatchObject({ code: "bad_request" });
    expect(await server().problem("PATCH", "/workspaces/none", {})).toMatchObject({ code: "not_found" });
  });

  it("go only when nothing is lost, or all is meant to go", async () => {
    await server().get("POST", "/workspaces", { name: "trial" });
    const run = await server().get<Run>("POST", "/workspaces/trial/interactive-runs", {
      experimentName: "e",
      snapshotId: null,
      tags: { a: "1" },
    });
    await server().get(
      "POST",
      `/workspaces/trial/runs/${run.runId}/journal?writer=w`,
      Buffer.from('{"n":1,"k":"metric","at":1,"m":[["loss",0.5]]}\n'),
    );
    await server().get("PUT", `/workspaces/trial/runs/${run.runId}/files/outputs/a.txt`, Buffer.from("a"));
    expect(await server().problem("DELETE", "/workspaces/trial")).toMatchObject({
      code: "conflict",
      detail: expect.stringContaining("on their way"),
    });
    await server().get("POST", `/workspaces/trial/runs/${run.runId}/end`, { status: "Completed" });
    expect(await server().problem("DELETE", "/workspaces/trial")).toMatchObject({
      code: "conflict",
      detail: expect.stringContaining("holds 1 runs"),
    });
    expect(await server().problem("DELETE", "/workspaces/default?everything=true")).toMatchObject({ code: "conflict" });
    await server().get("DELETE", "/workspaces/trial?everything=true");
    expect(await server().problem("GET", "/workspaces/trial")).toMatchObject({ code: "not_found" });
    await server().get("POST", "/workspaces", { name: "trial" });
    expect(await server().get("GET", "/workspaces/trial/runs?includeChildren=true")).toMatchObject({ items: [] });
    expect(await server().get("GET", "/workspaces/trial/experiments")).toMatchObject({ items: [] });
    expect(await server().problem("GET", `/workspaces/trial/runs/${run.runId}`)).toMatchObject({ code: "not_found" });
  });

  it("come in pages", async () => {
    for (const name of ["a1", "b2", "c3"]) await server().get("POST", "/workspaces/lab/experiments", { name });
    const first = await server().get<{ items: { name: string }[]; next: string }>("GET", "/workspaces/lab/experiments?limit=2");
    expect(first.items.map(({ name }) => name)).toEqual(["a1", "b2"]);
    const rest = await server().get("GET", `/workspaces/lab/experiments?limit=2&after=${first.next}`);
    expect(rest).toMatchObject({ items: [{ name: "c3" }], next: null });
    expect(await server().problem("GET", "/workspaces/lab/experiments/d4")).toMatchObject({ code: "not_found" });
  });

  it("have tags, are archived and brought back, and go when they are empty", async () => {
    const at = "/workspaces/lab/experiments";
    const { experimentId } = await server().get<{ experimentId: string }>("POST", at, { name: "tagged" });
    await server().get("PATCH", `${at}/tagged`, { tags: { team: "vision", draft: "" } });
    expect(await server().get("PATCH", `${at}/${experimentId}`, { tags: { draft: null } })).toMatchObject({ tags: { team: "vision" } });
    expect(await server().problem("PATCH", `${at}/tagged`, { tags: { "": "x" } })).toMatchObject({ code: "bad_request" });
    expect(await server().problem("PATCH", `${at}/tagged`, { tags: { x: 1 } })).toMatchObject({ code: "bad_request" });
    expect(await server().get("POST", `${at}/tagged/archive`, {})).toMatchObject({ archivedUtc: expect.any(String) });
    expect(await server().get("GET", `${at}?view=archived`)).toMatchObject({ items: [{ name: "tagged" }] });
    expect(await server().problem("GET", `${at}?view=some`)).toMatchObject({ code: "bad_request" });
    expect(await server().problem("PATCH", `${at}/tagged`, { tags: {} })).toMatchObject({ code: "conflict" });
    const interactive = { experimentName: "tagged", snapshotId: null };
    const refused = await server().problem("POST", "/workspaces/lab/interactive-runs", interactive);
    expect(refused).toMatchObject({ code: "conflict", detail: expect.stringContaining("experiment reactivate") });
    expect(await server().get("POST", `${at}/tagged/reactivate`, {})).toMatchObject({ archivedUtc: null });
    await server().get("DELETE", `${at}/${experimentId}`);
    expect(await server().problem("DELETE", `${at}/tagged`)).toMatchObject({ code: "not_found" });
    await server().get("POST", "/workspaces/lab/interactive-runs", interactive);
    expect(await server().problem("DELETE", `${at}/tagged`)).toMatchObject({ code: "conflict" });
  });
});
