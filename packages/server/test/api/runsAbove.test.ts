// What a run's own token may do with the runs above it: read them, and add to what is known of them.
import type { Run } from "@switchyard/protocol";
import { expect, it } from "vitest";
import { asRun } from "../support/runToken.ts";
import { serverOfFile, WS } from "./lab.ts";

const server = serverOfFile();

it("reads the parent and tells it tags, properties and files; anything else of it, and of its other children, is refused", async () => {
  const start = async (more: object = {}) =>
    (await server().get<Run>("POST", `${WS}/interactive-runs`, { experimentName: "above", snapshotId: null, ...more })).runId;
  const parent = await start();
  const [child, sibling] = [await start({ parentRunId: parent }), await start({ parentRunId: parent })];
  const headers = await asRun(server(), child);
  const status = async (method: string, path: string, body?: unknown) =>
    (await server().ask(method, `${WS}/${path}`, body, headers)).status;
  const about = `runs/${parent}`;
  for (const path of [about, `${about}/why`, `${about}/metrics`, `${about}/files`, `runs?parent=${parent}`]) {
    expect(await status("GET", path), path).toBe(200);
  }
  expect(await status("PATCH", about, { tags: { t: "x" }, properties: { p: "1" } })).toBe(200);
  expect(await status("PUT", `${about}/files/notes/a.txt`, new TextEncoder().encode("a"))).toBeLessThan(300);
  expect(await status("PUT", `${about}/files/notes/a.txt`, new TextEncoder().encode("b"))).toBe(409);
  expect(await status("PATCH", about, { tags: { u: "x" }, displayName: "mine" })).toBe(403);
  for (const path of ["cancel", "end", "journal?writer=w", "clean", "rerun"]) {
    expect(await status("POST", `${about}/${path}`, path === "end" ? { status: "Completed" } : {}), path).toBe(403);
  }
  const more = { experimentName: "above", snapshotId: null, parentRunId: parent };
  expect(await status("POST", "interactive-runs", more)).toBe(403);
  for (const path of [`runs/${sibling}`, `runs/${sibling}/metrics`]) expect(await status("GET", path), path).toBe(403);
  expect(await status("PATCH", `runs/${sibling}`, { tags: { t: "x" } })).toBe(403);
  expect(await server().get<Run>("GET", `${WS}/${about}`)).toMatchObject({ tags: { t: "x" }, properties: { p: "1" }, status: "Running" });
  await server().get("POST", `${WS}/runs/${child}/end`, { status: "Completed" });
});
