// The ways in which notebooks of 2018 deploy: an image's configuration with models, or with files that become models.
import { expect, it } from "vitest";
import { serviceLab } from "./lab.ts";

const { desk, python } = serviceLab();

it("a script, a conda file and files beside them become a service, with models or with their files", async () => {
  desk.write("env.yml", "name: x\ndependencies:\n- pip:\n  - azureml-defaults\n");
  desk.write("helpers/scale.py", "def scaled(x): return 10 * x\n");
  desk.write("names.txt", "one two");
  desk.write(
    "entry.py",
    `
import json
from azureml.core.model import Model
from helpers.scale import scaled
def init():
    global said
    with open(Model.get_model_path(model_name="digits")) as file: said = file.read()
def run(raw): return [said, scaled(json.loads(raw)["data"]), open("names.txt").read()]
`,
  );
  const [first, tags, second, listed, unlike] = await python<unknown[]>(
    `
from azureml.core.image import ContainerImage
from azureml.exceptions import UserErrorException
image_config = ContainerImage.image_configuration(runtime="python", execution_script="entry.py", conda_file="env.yml",
    dependencies=["helpers", "names.txt"], tags={"data": "mnist", "type": "image"}, description="2018")
aci = AciWebservice.deploy_configuration(cpu_cores=1, memory_gb=1, tags={"type": "service"})
service = Webservice.deploy_from_model(workspace=ws, name="old-form", models=[Model(ws, "digits", version=1)], image_config=image_config, deployment_config=aci)
service.wait_for_deployment(show_output=True)
first = service.run('{"data": 4}'), service.state
with open("digits", "w") as file: file.write("from a path")
other = Webservice.deploy(workspace=ws, name="from-paths", model_paths=["digits"], image_config=image_config, deployment_config=aci)
other.wait_for_deployment()
try: Webservice.deploy_from_model(ws, "x", [], InferenceConfig("entry.py", environment=env))
except UserErrorException as error: unlike = error.message
tell(first, service.tags, other.run('{"data": 4}'), sorted(each.id.split(":")[0] for each in other.models), unlike)
service.delete(); other.delete()
`,
    240,
  );
  expect(first).toEqual([["w1", 40, "one two"], "Healthy"]);
  expect(tags).toEqual({ data: "mnist", type: "service" });
  expect(second).toEqual(["from a path", 40, "one two"]);
  expect(listed).toEqual(["digits"]);
  expect(unlike).toContain("image_config is made by ContainerImage.image_configuration()");
});
