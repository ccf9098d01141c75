// What scripts and notebooks of Azure ML v1 write of `az`, on a machine that has no Azure CLI: through our az, on a real server.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { COMMANDS } from "../../packages/cli/src/commands/index.ts";
import { Desk } from "../support/desk.ts";
import { typeAt } from "../support/guide.ts";
import { freePort } from "../support/ports.ts";

const desk = new Desk();
afterAll(() => desk.close());

beforeAll(async () => {
  desk.write("my_train.py", "from azureml.core import Run\nRun.get_context().log('accuracy', 0.5)\nprint('trained')\n");
  const { code } = await typeAt(desk, `switchyard az-shim install --dir ${join(desk.place, "bin")}`);
  expect(code).toBe(0);
});

const ECHO = `
import json, os
def init(): print("This is init", os.environ["EXAMPLE_ENV_VAR"])
def run(data): return f"test is {json.loads(data)}"
`;

/** The command is there, or comes with a part of Azure ML v1 that this version does not have. */
const here = (name: string) => Object.hasOwn(COMMANDS, name);

describe("the shell blocks of the articles", () => {
  it.each([
    ["az login", 0, "Nobody signs in"],
    ["az ml folder attach", 0, ".azureml/local.runconfig"],
    ["az ml experiment create -n my-experiment", 0, "my-experiment"],
    ["printf 'environment: {python: {userManagedDependencies: true, interpreterPath: python3}}\\n' > .azureml/mine.runconfig", 0, ""],
    ["az ml run submit-script -e my-experiment -c mine my_train.py", 0, "trained"],
    ["az ml run submit -c mine my_train.py", 0, "trained"],
    ["az ml run list --query '[0].status' -o tsv", 0, "Completed"],
    ["az ml computetarget create amlcompute --name lowpriocluster --vm-size Standard_NC6 --max-nodes 5 --vm-priority lowpriority", 0, "lowpriocluster"], // biome-ignore format: as it is written
    ["az resource list --name databricks-ws --query [].id", 2, "`az resource` is a command of the Azure CLI"],
    ["az batchai cluster list", 2, "`az batchai` is a command of the Azure CLI"],
  ])("%s", async (line, code, said) => {
    expect(await typeAt(desk, line)).toEqual({ code, text: expect.stringContaining(said) });
  });
});

describe("what comes later", () => {
  const LATER: [string, string, string][] = [
    ["run submit-hyperdrive", "az ml run submit-hyperdrive -e e -c mine --hyperdrive-configuration-name hdconfig my_train.py", "sweeps"],
    ["model profile", "az ml model profile -n myprofile -m bidaf_onnx:1 --ic ic.json -d '{}'", "services"],
    ["service get-access-token", "az ml service get-access-token -n myservice", "services"],
  ];

  it.each(LATER.filter(([name]) => !here(name)))("%s", async (_, line, feature) => {
    expect(await typeAt(desk, line)).toMatchObject({ code: 2, text: expect.stringContaining(`${feature} come later`) });
  });
});

describe("the az cells of the tutorial that deploys from the command line", () => {
  const cell = async (line: string) => typeAt(desk, `SUBSCRIPTION_ID=11111111-2222-3333-4444-555555555555 RESOURCE_GROUP=team; ${line}`);

  beforeAll(() => {
    desk.write("model.onnx", "a model");
  });

  it("choose the subscription and list workspaces", async () => {
    expect(await cell("az account set -s $SUBSCRIPTION_ID")).toMatchObject({ code: 0, text: expect.stringContaining("Warning:") });
    const listed = await cell("az ml workspace list --resource-group=$RESOURCE_GROUP 2>/dev/null");
    expect(JSON.parse(listed.text)).toMatchObject([{ name: "default" }]);
  });

  it("register a model, deploy it twice, ask it, and delete all", async () => {
    desk.write("source_dir/echo_score.py", ECHO);
    const python = { userManagedDependencies: true, interpreterPath: "python3" };
    const environment = {
      name: "my-deploy-env",
      docker: { enabled: false },
      environmentVariables: { EXAMPLE_ENV_VAR: "EXAMPLE_VALUE" },
      python,
    };
    const inference = { entryScript: "echo_score.py", sourceDirectory: "./source_dir", environment };
    desk.write("dummyinferenceconfig.json", JSON.stringify(inference));
    const port = await freePort();
    desk.write("deploymentconfig.json", JSON.stringify({ computeType: "local", port }));
    const resources = { cpu: 0.5, memoryInGB: 1.0 };
    desk.write(
      "re-deploymentconfig.json",
      JSON.stringify({
        computeType: "aci",
        containerResourceRequirements: resources,
        authEnabled: true,
        sslEnabled: false,
        appInsightsEnabled: false,
      }),
    );
    expect(await cell("az ml model register -n bidaf_onnx -p ./model.onnx")).toMatchObject({ code: 0 });
    const deploy = "az ml model deploy -m bidaf_onnx:1 --overwrite --ic dummyinferenceconfig.json";
    for (const _ of ["deployed", "deployed again"]) {
      expect(await cell(`${deploy} -n myservice --dc deploymentconfig.json --query state 2>/dev/null`)).toEqual({
        code: 0,
        text: '"Healthy"\n',
      });
    }
    expect(await cell("az ml service get-logs -n myservice")).toMatchObject({
      code: 0,
      text: expect.stringContaining("This is init EXAMPLE_VALUE"),
    });
    expect(await (await fetch(`http://127.0.0.1:${port}`)).text()).toBe("Healthy");
    const answer = await fetch(`http://127.0.0.1:${port}/score`, { method: "POST", body: '{"query": "What color is the fox"}' });
    expect(await answer.json()).toBe("test is {'query': 'What color is the fox'}");
    expect(await cell(`${deploy} -n myaciservice --dc re-deploymentconfig.json --query authEnabled 2>/dev/null`)).toEqual({
      code: 0,
      text: "true\n",
    });
    expect(await cell(`az ml service run -n myaciservice -d '{"a": 1}' 2>/dev/null`)).toEqual({ code: 0, text: `"test is {'a': 1}"\n` });
    expect(await cell("az ml model delete --model-id=bidaf_onnx:1")).toMatchObject({
      code: 1,
      text: expect.stringContaining("is deployed"),
    });
    for (const name of ["myservice", "myaciservice"]) expect(await cell(`az ml service delete -n ${name}`)).toMatchObject({ code: 0 });
    const id = await cell('az ml model list --model-name=bidaf_onnx --latest --query "[0].id" -o tsv 2>/dev/null');
    expect(id).toEqual({ code: 0, text: "bidaf_onnx:1\n" });
    expect(await cell("az ml model delete --model-id=bidaf_onnx:1")).toMatchObject({ code: 0 });
  });
});

describe("defaults", () => {
  it("are kept by az configure and used by az ml", async () => {
    mkdirSync(join(desk.project, "elsewhere"));
    const lines = [
      "cd elsewhere",
      "az group create -n team -l westeurope > /dev/null",
      "az ml workspace create -w vision -g team -l westeurope > /dev/null",
      "az configure --defaults group=team aml_workspace=vision",
      "az ml workspace show --query name -o tsv 2>/dev/null",
    ];
    expect((await typeAt(desk, lines.join(" && "))).text.trimEnd().split("\n").at(-1)).toBe("vision");
  });
});
