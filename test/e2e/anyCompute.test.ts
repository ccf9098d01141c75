// One script, unedited, on every kind of compute: only what stands behind `submit` changes, and the numbers stay the same.
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync } from "node:fs";
import { hostname } from "node:os";
import { join, resolve } from "node:path";
import { LoginNode, SlurmLab, SshLab } from "@switchyard/compute/testing";
import { baseImage, type DockerLab, startDocker } from "@switchyard/compute/testing/docker";
import type { ComputeTarget, RunDetails } from "@switchyard/protocol";
import { afterAll, beforeAll, expect, it } from "vitest";
import { Desk } from "../support/desk.ts";

const SCRIPT = resolve(import.meta.dirname, "../../examples/anywhere/train.py");
const PYTHON = resolve(import.meta.dirname, "../../python");

let docker: DockerLab;
let ssh: SshLab;
let slurm: SlurmLab;
let login: LoginNode;
let desk: Desk;
/** What the script logs as `loss`, and writes, without Switchyard. */
let losses: number[];
let model: string;
beforeAll(async () => {
  docker = await startDocker();
  const image = await baseImage(docker, ["python3", "python3-venv"]);
  slurm = await SlurmLab.start();
  login = await LoginNode.start(slurm);
  ssh = await SshLab.start(2);
  desk = new Desk({ variables: { ...docker.env, ...slurm.env, SWITCHYARD_IMAGES: `cpu=${image}` } });
  desk.write("train.py", readFileSync(SCRIPT));
  desk.write(".azureml/docker.runconfig", inContainer(image));
  desk.write("data.py", DATA_SCRIPT);
  desk.write(".azureml/data.runconfig", withData(null));
  desk.write(".azureml/data-docker.runconfig", withData(image));
  desk.write("sets/deep/a.txt", "from the datastore");
  ({ losses, model } = trainWithoutUs());
  await makeTargets();
}, 300_000);
afterAll(async () => {
  await desk?.close();
  await login?.close();
  await slurm?.close();
  await ssh?.close();
});

/** Whether a run is in a container is no matter of the target; all else is that of a run without a configuration. */
const inContainer = (image: string) => `environment:
  python: {userManagedDependencies: true, interpreterPath: python3}
  docker: {enabled: true, baseImage: "${image}"}
`;

/** Reads an input by an argument and by its variable, and writes one file for each process. */
const DATA_SCRIPT = `import os, sys
folder, out = sys.argv[1:3]
assert os.environ["AZUREML_DATAREFERENCE_sets"] == folder
text = open(os.path.join(folder, "deep/a.txt")).read()
assert open("shown/here/deep/a.txt").read() == text
with open(os.path.join(out, "rank%s.txt" % os.environ.get("SWITCHYARD_RANK", "0")), "w") as file:
    file.write(text)
`;
const withData = (image: string | null) => `script: data.py
arguments: ["$AZUREML_DATAREFERENCE_sets", "DatasetOutputConfig:made"]
environment:
  python: {userManagedDependencies: true, interpreterPath: python3}
${image === null ? "" : `  docker: {enabled: true, baseImage: "${image}"}`}
dataReferences: {sets: {dataStoreName: workspaceblobstore, pathOnDataStore: sets, pathOnCompute: shown/here}}
outputData: {made: {outputLocation: {dataPath: {relativePath: "made/{run-id}"}}}}
`;

async function makeTargets(): Promise<void> {
  const { address: byPassword } = ssh.hosts[0]!;
  const { address: byKey } = ssh.hosts[1]!;
  desk.variables.SWITCHYARD_PASSWORD = (ssh.auth("password") as { password: string }).password;
  await made("attach", "remote", "-n", "by-password", "-a", byPassword, "-u", "trainer");
  await made("attach", "remote", "-n", "by-key", "-a", byKey, "-u", "trainer", "--private-key-file", join(ssh.folder, "id"));
  await made("create", "computeinstance", "-n", "instance", "-s", "STANDARD_D2_V2");
  await made("create", "amlcompute", "-n", "cluster", "-s", "STANDARD_D2_V2", "--max-nodes", "3");
  await made("create", "amlcompute", "-n", "team", "-s", "STANDARD_D2_V2", "--max-nodes", "2", "--isolation", "containers");
  const onSlurm = ["-s", "STANDARD_D2_V2", "--backend", "slurm", "--max-nodes", "2"];
  await made("create", "amlcompute", "-n", "hpc", ...onSlurm);
  const { address } = login.machines.host;
  const logIn = ["--login-address", address, "--login-user", "root", "--login-private-key-file", join(login.machines.folder, "id")];
  await made("create", "amlcompute", "-n", "far-hpc", ...onSlurm, ...logIn, "--site-root", join(desk.place, "shared"));
}

async function made(...argv: string[]): Promise<void> {
  expect(await desk.json<ComputeTarget>("computetarget", ...argv)).toMatchObject({
    provisioningState: "Succeeded",
    provisioningErrors: [],
  });
}

function trainWithoutUs() {
  const cwd = join(desk.place, "without-us");
  mkdirSync(cwd);
  const said = execFileSync("python3", [SCRIPT], { cwd, env: { ...process.env, PYTHONPATH: PYTHON }, encoding: "utf8" });
  return { losses: [...said.matchAll(/loss = ([\d.]+)/g)].map((match) => Number(match[1])), model: modelIn(cwd) };
}

it.each([
  { where: "on this machine", submit: "", processes: 1, nodes: [hostname()] },
  { where: "in a container", submit: "-c docker", processes: 1, nodes: [hostname()] },
  { where: "over SSH with a password", submit: "--target by-password", processes: 1, nodes: ["vm1"] },
  { where: "over SSH with a key", submit: "--target by-key", processes: 1, nodes: ["vm2"] },
  { where: "on a compute instance", submit: "--target instance", processes: 1, nodes: [hostname()] },
  { where: "on a cluster", submit: "--target cluster", processes: 1, nodes: [/^cluster-/] },
  { where: "on a cluster that keeps runs apart", submit: "--target team", processes: 1, nodes: [/^team-/] },
  {
    where: "on its three nodes",
    submit: "--target cluster --node-count 3 --communicator gloo",
    processes: 3,
    nodes: Array(3).fill(/^cluster-/),
  },
  { where: "on Slurm", submit: "--target hpc", processes: 1, nodes: [/^n\d$/] },
  { where: "on Slurm behind a log-in node", submit: "--target far-hpc", processes: 1, nodes: [/^n\d$/] },
  { where: "on two nodes of Slurm", submit: "--target hpc --node-count 2 --communicator mpi", processes: 2, nodes: Array(2).fill(/^n\d$/) },
])("$where: switchyard submit $submit train.py", async ({ submit, processes, nodes }) => {
  const { code, run, stderr } = await desk.submit(...submit.split(" ").filter((word) => word !== ""), "train.py");
  expect({ code, status: run.status, stderr: code === 0 ? "" : stderr }).toEqual({ code: 0, status: "Completed", stderr: "" });
  const { values } = await desk.json<{ values: number[] }>("run", "metrics", "-r", run.runId, "-n", "loss");
  expect(values).toEqual(losses);
  const series = await desk.json<{ name: string; count: number }[]>("run", "metrics", "-r", run.runId);
  const others = Array.from({ length: processes - 1 }, (_, i) => `loss of rank ${i + 1}`);
  expect(series.map(({ name, count }) => `${name} ${count}`).sort()).toEqual(
    ["accuracy 1", ...["loss", ...others].map((name) => `${name} ${losses.length}`)].sort(),
  );
  const brought = join(desk.place, run.runId);
  await desk.json("run", "download", "-r", run.runId, "-d", brought);
  expect(modelIn(brought)).toBe(model);
  const ranks = await ranksOf(await desk.show(run.runId), processes);
  expect(ranks.map(({ rank, size }) => `${rank} of ${size}`)).toEqual(Array.from({ length: processes }, (_, i) => `${i} of ${processes}`));
  expect(ranks.map(({ node }) => node)).toEqual(nodes.map((node) => expect.stringMatching(node)));
  expect(new Set(ranks.map(({ node }) => node)).size).toBe(nodes.length);
});

it.each([
  { where: "on this machine", submit: "-c data", processes: 1 },
  { where: "in a container", submit: "-c data-docker", processes: 1 },
  { where: "over SSH", submit: "-c data --target by-key", processes: 1 },
  { where: "over SSH again", submit: "-c data --target by-key", processes: 1 },
  { where: "on a cluster that keeps runs apart", submit: "-c data-docker --target team", processes: 1 },
  { where: "on three nodes", submit: "-c data --target cluster --node-count 3 --communicator gloo", processes: 3 },
  { where: "on two nodes of Slurm", submit: "-c data --target hpc --node-count 2 --communicator mpi", processes: 2 },
  { where: "on Slurm behind a log-in node", submit: "-c data --target far-hpc", processes: 1 },
])("data is read and written $where", async ({ submit, processes }) => {
  await desk.json("datastore", "upload", "-l", "sets", "-u", "sets");
  const { code, run, stderr } = await desk.submit(...submit.split(" "), "data.py");
  expect({ code, status: run.status, stderr: code === 0 ? "" : stderr }).toEqual({ code: 0, status: "Completed", stderr: "" });
  const brought = join(desk.place, `data-${run.runId}`);
  await desk.json("datastore", "download", "-p", `made/${run.runId}`, "-t", brought);
  for (let rank = 0; rank < processes; rank += 1) {
    expect(readFileSync(join(brought, "made", run.runId, `rank${rank}.txt`), "utf8")).toBe("from the datastore");
  }
});

const modelIn = (folder: string) => readFileSync(join(folder, "outputs/model.json"), "utf8");

/** What each process said of itself, in its own log. */
async function ranksOf({ runId }: RunDetails, processes: number): Promise<{ rank: number; size: number; node: string }[]> {
  const own = (rank: number) => (processes === 1 ? [] : ["--file", `azureml-logs/70_driver_log_${rank}.txt`]);
  const said = await Promise.all(
    Array.from({ length: processes }, (_, rank) => desk.switchyard("run", "monitor-logs", "-r", runId, ...own(rank))),
  );
  return said.map(({ stdout, stderr }) => {
    const [, rank, size, node = ""] = /rank (\d+) of (\d+) on (\S+),/.exec(stdout + stderr) ?? [];
    return { rank: Number(rank), size: Number(size), node };
  });
}
