// Datasets over HTTP, on a whole server.
import type { RegisteredDataset } from "@switchyard/protocol";
import { describe, expect, it } from "vitest";
import { useDataLab, WS } from "./dataLab.ts";

const lab = useDataLab();
const { upload, save, files } = lab;

describe("datasets", () => {
  it("name their files as they are now, relative to where they come from", async () => {
    await upload({ "d/a/1.csv": "1", "d/a/2.csv": "2", "d/b/3.csv": "3", "e.txt": "e" });
    const names = async (definition: object) => {
      const { datasetId } = await save(definition);
      return (await lab.server.get<{ path: string }[]>("GET", `${WS}/datasets/${datasetId}/files`)).map(({ path }) => path);
    };
    expect(await names(files("d"))).toEqual(["a/1.csv", "a/2.csv", "b/3.csv"]);
    expect(await names(files("d/*/*.csv"))).toEqual(["a/1.csv", "a/2.csv", "b/3.csv"]);
    expect(await names(files("d/a/1.csv"))).toEqual(["1.csv"]);
    expect(await names(files("d/a", "d/b/3.csv"))).toEqual(["a/1.csv", "a/2.csv", "b/3.csv"]);
    expect(await names({ ...files("d"), steps: [{ do: "skip", count: 1 }, { do: "take", count: 1 }] })).toEqual(["a/2.csv"]); // biome-ignore format: short
    const part = (part: number) => names({ ...files("d"), steps: [{ do: "split", percentage: 0.5, seed: 7, part }] });
    expect([...(await part(0)), ...(await part(1))].sort()).toEqual(["a/1.csv", "a/2.csv", "b/3.csv"]);
    expect(await names(files("none/"))).toEqual([]);
    expect(await lab.server.problem("POST", `${WS}/datasets`, { definition: { kind: "file", sources: [{ datastore: "no", path: "" }] } })).toMatchObject({ code: "not_found" }); // biome-ignore format: one refusal
  });

  it("are registered, versioned, found again by name and id, deprecated and archived", async () => {
    const register = (path: string, more: object = {}) =>
      lab.server.get<RegisteredDataset>("POST", `${WS}/registered-datasets`, {
        name: "diabetes dataset",
        definition: files(path),
        ...more,
      });
    const first = await register("a", { description: "training", tags: { t: "1" } });
    expect(first).toMatchObject({ version: 1, latestVersion: 1, state: "active" });
    const body = { name: "diabetes dataset", definition: files("b") };
    expect(await lab.server.problem("POST", `${WS}/registered-datasets`, body)).toMatchObject({ code: "already_exists" });
    expect(await register("b", { createNewVersion: true })).toMatchObject({ version: 2 });
    const at = `${WS}/registered-datasets/diabetes%20dataset`;
    expect(await lab.server.get("GET", at)).toMatchObject({ version: 2 });
    expect(await lab.server.get("GET", `${at}?version=1`)).toMatchObject({ description: "training", datasetId: first.datasetId });
    expect(await lab.server.get("GET", `${WS}/datasets/${first.datasetId}`)).toMatchObject({ registration: { version: 1 } });
    expect(await lab.server.problem("GET", `${at}?version=3`)).toMatchObject({ detail: expect.stringContaining("newest is 2") });
    expect(await lab.server.problem("GET", `${WS}/registered-datasets/diabetes%20dataser`)).toMatchObject({
      details: { nearest: "diabetes dataset" },
    });
    expect(await lab.server.problem("GET", `${at}?version=zero`)).toMatchObject({ code: "bad_request" });
    expect(await lab.server.get("PATCH", at, { state: "archived" })).toMatchObject({ state: "archived" });
    expect(await lab.server.get("GET", `${WS}/registered-datasets`)).toMatchObject({ items: [] });
    expect(await lab.server.get("PATCH", at, { state: "deprecated", deprecatedBy: first.datasetId })).toMatchObject({
      state: "deprecated",
    });
    expect(await lab.server.problem("PATCH", at, { state: "deprecated", deprecatedBy: "no" })).toMatchObject({ code: "not_found" });
    await lab.server.get("DELETE", at);
    expect(await lab.server.problem("DELETE", at)).toMatchObject({ code: "not_found" });
    expect((await lab.server.ask("GET", `${WS}/datasets/${first.datasetId}`)).status).toBe(200);
  });
});
