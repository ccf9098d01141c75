// What a script asks its run right after it said it: the server is to know it by then.
import { scanFolder, uploadSnapshot } from "@switchyard/sdk/node";
import { expect, it } from "vitest";
import { serverAndDesk } from "../support/serverAndDesk.ts";
import { until } from "../support/wait.ts";

const { server, desk } = serverAndDesk();

const SCRIPT = `
import json, os, sys
from azureml.core import Run
run = Run.get_context()
said = {}
run.log("loss", 0.5)
said["metrics"] = run.get_metrics()
run.tag("mood", "good")
run.add_properties({"place": "here"})
said["tags"], said["properties"] = run.get_tags(), run.get_properties()
run.display_name = "dawn"
said["name"] = run.name
children = run.create_children(count=2)
said["children"] = sorted(child.id for child in run.get_children()) == sorted(child.id for child in children)
with run.child_run("third") as child:
    child.log("depth", 3)
    said["child"] = [child.name, child.get_metrics(), child.parent.id == run.id]
said["experiment"] = [run.experiment.name, run.experiment.workspace.name]
said["files"] = os.listdir(os.environ["AZUREML_SCRIPT_DIRECTORY_NAME"])
run.flush()
print("said " + json.dumps(said, sort_keys=True))
`;

it("is known at once", async () => {
  desk.write("train.py", SCRIPT);
  const { snapshotId } = await uploadSnapshot(server.client, "default", await scanFolder(desk.project, { home: null }));
  const python = { userManagedDependencies: true, interpreterPath: "python3" };
  const body = { experimentName: "asking", snapshotId, runConfiguration: { script: "train.py", environment: { python } } };
  const { runId } = await server.client.submitRun({ params: { workspace: "default" }, body });
  const params = { workspace: "default", runId };
  await until(200, "the run has ended", async () => (await server.client.getRun({ params })).endTimeUtc);
  const { body: log } = await server.client.readRunFile({ params: { ...params, path: "azureml-logs/80_driver_log.txt" } });
  let text = "";
  for await (const chunk of log!) text += Buffer.from(chunk).toString();
  const said = /^said (.*)$/m.exec(text)?.[1];
  expect(said, text).toBeDefined();
  expect(JSON.parse(said!)).toEqual({
    metrics: { loss: 0.5 },
    tags: { mood: "good" },
    properties: expect.objectContaining({ place: "here" }) as unknown,
    name: "dawn",
    children: true,
    child: ["third", { depth: 3 }, true],
    experiment: ["asking", "default"],
    files: expect.arrayContaining(["train.py"]) as unknown,
  });
});
