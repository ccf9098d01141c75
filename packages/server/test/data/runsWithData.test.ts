// Runs that read and write datastores and datasets, on a whole server.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { RegisteredDataset } from "@switchyard/protocol";
import { describe, expect, it } from "vitest";
import { eventually } from "../support/eventually.ts";
import { STORE, useDataLab, WS } from "./dataLab.ts";

const lab = useDataLab();
const { upload, listed, textOf, save, files, submit, ended, logOf, refusal } = lab;

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
    const registered = await lab.server.get<RegisteredDataset>("GET", `${WS}/registered-datasets/results`);
    expect(registered).toMatchObject({ version: 1, description: "d", tags: { a: "1" } });
    expect(details.outputDatasets).toMatchObject([
      { dataset: { version: null }, outputDetails: { outputName: "up" }, files: 1 },
      { dataset: { id: registered.datasetId, name: "results", version: 1 }, outputDetails: { outputName: "result" } },
      { dataset: null, outputDetails: { outputName: "nothing" }, files: 0 },
    ]);
    const own = await lab.server.get<{ path: string }[]>("GET", `${WS}/runs/${run.runId}/files`);
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
    expect((await lab.server.ask("GET", `${WS}/registered-datasets/never`)).status).toBe(404);
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
    await lab.server.get("POST", `${WS}/registered-datasets`, { name: "mine", definition: files("d") });
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
    writeFileSync(join(lab.folder, "a.txt"), "at submit");
    await lab.server.get("POST", `${WS}/datastores`, { name: "disk", kind: "folder", settings: { path: lab.folder } });
    const run = await submit("cat $AZUREML_DATAREFERENCE_d/a.txt; echo out > $AZUREML_DATAREFERENCE_o/b.txt", {
      dataReferences: {
        d: { dataStoreName: "disk", mode: "mount" },
        o: { dataStoreName: "disk", mode: "upload", pathOnDataStore: "results" },
      },
    });
    expect((await ended(run.runId)).status).toBe("Completed");
    expect(await logOf(run.runId)).toBe("at submit");
    expect(readFileSync(join(lab.folder, "results/b.txt"), "utf8")).toBe("out\n");
  });

  it("with its own token reads datasets and registers some, and touches no credentials", async () => {
    await upload({ "d/a.txt": "a" });
    const told = join(lab.folder, "token");
    const run = await submit(`printf %s "$AZUREML_RUN_TOKEN" >"${told}.new" && mv "${told}.new" "${told}" && exec sleep 600`, {});
    const secret = await eventually(async () => existsSync(told) && readFileSync(told, "utf8"));
    const headers = { authorization: `Bearer ${secret}` };
    expect((await lab.server.ask("GET", `${STORE}/files/d/a.txt`, undefined, headers)).status).toBe(200);
    const body = { name: "from run", definition: files("d") };
    expect((await lab.server.ask("POST", `${WS}/registered-datasets`, body, headers)).status).toBe(200);
    expect((await lab.server.ask("POST", `${STORE}/credentials`, undefined, headers)).status).toBe(403);
    expect((await lab.server.ask("POST", `${WS}/datastores`, { name: "x", kind: "dbfs" }, headers)).status).toBe(403);
    await lab.server.get("POST", `${WS}/runs/${run.runId}/cancel`, { graceSeconds: 0 });
    await ended(run.runId);
  });
});
