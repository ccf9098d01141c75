// A web service whose environment says Docker: its process is in a container, and nothing of that is left when it is deleted.
import { baseImage, type DockerLab, startDocker } from "@switchyard/compute/testing/docker";
import type { Service } from "@switchyard/protocol";
import { afterAll, beforeAll, expect, it } from "vitest";
import { Desk } from "../support/desk.ts";
import { freePort } from "../support/ports.ts";
import { until } from "../support/wait.ts";

let docker: DockerLab;
let image: string;
let desk: Desk;
beforeAll(async () => {
  docker = await startDocker();
  image = await baseImage(docker, ["python3", "python3-venv"]);
  desk = new Desk({ variables: { ...docker.env } });
}, 300_000);
afterAll(() => desk.close());

/** Other tests have containers on the same engine. */
const containers = () => docker.run("ps", "--all", "--quiet", "--filter", "name=switchyard-service-contained-");

it("answers from a container, finds its model there, and takes the container along when it goes", async () => {
  desk.write("model.txt", "weights");
  desk.write(
    "score.py",
    "import os\ndef init(): pass\ndef run(data):\n  return [data, os.path.exists('/.dockerenv'), open(os.environ['AZUREML_MODEL_DIR'] + '/model.txt').read()]\n",
  );
  const python = { userManagedDependencies: true, interpreterPath: "python3" };
  const environment = { name: "contained", python, docker: { enabled: true, baseImage: image } };
  desk.write("inference.json", JSON.stringify({ entryScript: "score.py", environment }));
  await desk.json("model", "register", "-n", "digits", "-p", "model.txt");
  const deploy = ["model", "deploy", "-m", "digits:1", "--ic", "inference.json"];
  expect(await desk.json<Service>(...deploy, "-n", "contained")).toMatchObject({ state: "Healthy", error: null });
  expect(await desk.json("service", "run", "-n", "contained", "-d", "x")).toEqual(["x", true, "weights"]);
  const port = await freePort();
  await desk.json<Service>(...deploy, "-n", "contained-too", "--compute-type", "local", "--port", `${port}`);
  const answer = await fetch(`http://127.0.0.1:${port}/score`, { method: "POST", body: "y" });
  expect(await answer.json()).toEqual(["y", true, "weights"]);
  for (const name of ["contained", "contained-too"]) await desk.json("service", "delete", "-n", name);
  // should stopping take long, the answer to a deletion does not wait for it
  await until(100, "no container is left", async () => (await containers()) === "");
});
