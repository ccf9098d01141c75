// Environments that every workspace has: named in a run configuration, kept as they are, and one's own once they are edited.
import type { RegisteredEnvironment, Run } from "@switchyard/protocol";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { TemporaryServer } from "./support/temporaryServer.ts";

let server: TemporaryServer;
let snapshotId: string;
beforeAll(async () => {
  server = await TemporaryServer.start({ maxConcurrentRuns: 1 });
  snapshotId = await server.snapshotOf({ "train.py": "" });
});
afterAll(() => server.close());

const WS = "/workspaces/default";
const environmentOf = async (environment: object) => {
  const runConfiguration = { script: "train.py", target: "local", autoPrepareEnvironment: false, environment };
  const run = await server.get<Run>("POST", `${WS}/runs`, { experimentName: "e", snapshotId, runConfiguration });
  return run.environment;
};

describe("curated environments", () => {
  it("are in every workspace's list, beside its own", async () => {
    await server.get("POST", "/workspaces", { name: "new" });
    await server.get("POST", "/workspaces/new/environments", { name: "mine", python: { userManagedDependencies: true } });
    const names = (await server.get<RegisteredEnvironment[]>("GET", "/workspaces/new/environments")).map(({ name }) => name);
    expect(names).toEqual([...names].sort());
    for (const name of ["mine", "AzureML-Minimal", "AzureML-Tutorial", "AzureML-PyTorch-1.6-GPU"]) expect(names).toContain(name);
    const minimal = await server.get<RegisteredEnvironment>("GET", "/workspaces/new/environments/AzureML-Minimal");
    expect(minimal.definition.python.condaDependencies).toMatchObject({
      dependencies: ["python", "pip", { pip: ["azureml-core", "azureml-defaults"] }],
    });
    expect(await server.get("GET", `${WS}/environments/AzureML-Minimal/versions`)).toMatchObject([{ version: "1" }]);
    expect((await server.problem("GET", `${WS}/environments/AzureML-Minimal?version=2`)).detail).toContain("it has 1");
  });

  it("of later years are there too, with the framework that their names tell", async () => {
    const packages = async (name: string) => {
      const { definition } = await server.get<RegisteredEnvironment>("GET", `${WS}/environments/${name}`);
      return JSON.stringify(definition.python.condaDependencies);
    };
    expect(await packages("AzureML-pytorch-1.10-ubuntu18.04-py38-cuda11-gpu")).toMatch(/python=3\.8.*azureml-mlflow.*torch==1\.10\.\*/);
    expect(await packages("AzureML-sklearn-0.24-ubuntu18.04-py37-cpu")).toMatch(/python=3\.7.*scikit-learn==0\.24/);
    expect(await packages("AzureML-lightgbm-3.2-ubuntu18.04-py37-cpu")).toContain("lightgbm==3.2.*");
    expect(await packages("AzureML-xgboost-0.9-ubuntu18.04-py37-cpu-inference")).toContain("xgboost==0.9");
  });

  it.each(["AzureML-Minimal", "azureml_mine", "Microsoft-x"])("nobody registers %s", async (name) => {
    const { code, detail } = await server.problem("POST", `${WS}/environments`, { name, python: {} });
    expect({ code, detail }).toMatchObject({ code: "bad_request", detail: expect.stringContaining("clone(new_name)") });
  });

  it("are what a run says that names them, with or without all that they hold", async () => {
    expect(await environmentOf({ name: "AzureML-Minimal" })).toEqual({ name: "AzureML-Minimal", version: "1" });
    const { definition } = await server.get<RegisteredEnvironment>("GET", `${WS}/environments/AzureML-Minimal`);
    expect(await environmentOf(definition)).toEqual({ name: "AzureML-Minimal", version: "1" });
  });

  it("become one's own when they are edited", async () => {
    const { definition } = await server.get<RegisteredEnvironment>("GET", `${WS}/environments/AzureML-Minimal`);
    const edited = { ...definition, python: { ...definition.python, condaDependencies: { dependencies: ["python", "numpy"] } } };
    expect(await environmentOf(edited)).toEqual({ name: "edited-AzureML-Minimal", version: "1" });
    expect(await server.get("GET", `${WS}/environments/AzureML-Minimal`)).toMatchObject({ definition: { python: definition.python } });
  });

  it("a name that is nearly one is told", async () => {
    const runConfiguration = { script: "train.py", environment: { name: "AzureML-Minimall" } };
    const { detail } = await server.problem("POST", `${WS}/runs`, { experimentName: "e", snapshotId, runConfiguration });
    expect(detail).toContain('Did you mean "AzureML-Minimal"?');
  });
});
