import { randomBytes } from "node:crypto";
import type { JobContainer } from "@switchyard/protocol";
import { baseImage, type DockerLab, startDocker } from "../../src/testing/docker/index.ts";
import { type JobOptions, type ShellName, type TestJob, TestSite } from "./harness.ts";

export const BUILD_LOG = "azureml-logs/20_image_build_log.txt";
export const DRIVER_LOG = "azureml-logs/80_driver_log.txt";
export const CONTROL_LOG = "azureml-logs/60_control_log.txt";
export const MINUTES_5 = 300_000;

/** The engine of the test run with an image that has Python, pip and venv. */
export interface ContainerLab {
  readonly docker: DockerLab;
  readonly image: string;
}

export async function startContainerLab(): Promise<ContainerLab> {
  const docker = await startDocker();
  return { docker, image: await baseImage(docker, ["python3", "python3-venv"]) };
}

/** A site whose jobs find the engine of the tests. */
export function containerSite({ docker }: ContainerLab, shell: ShellName): TestSite {
  const site = new TestSite(shell);
  Object.assign(site.variables, docker.env);
  return site;
}

/** The container of a job, in the image of the tests unless a test says otherwise. */
export function inContainer({ image }: ContainerLab, changes: Partial<JobContainer> = {}): { container: JobContainer } {
  const registry = { address: null, username: null };
  const runtime = { gpu: "found" as const, shmSize: null, arguments: [], isolated: false };
  return { container: { image, dockerfile: null, builtAs: null, mayBuild: true, ...runtime, registry, ...changes } };
}

/** All tests share one engine, so that the name of a job's container must be nobody else's. */
export const uniqueName = (name: string): string => `${name}-${randomBytes(4).toString("hex")}`;

export function shell(text: string): Pick<JobOptions, "command"> {
  return { command: { kind: "command", argv: ["sh", "-c", text] } };
}

export function python(text: string): Pick<JobOptions, "command" | "code"> {
  return { command: { kind: "python", script: "train.py", arguments: [] }, code: { "train.py": text } };
}

/** Names of the containers that are left of a job, whatever became of them. */
export async function containersOf({ docker }: ContainerLab, job: TestJob): Promise<string[]> {
  const names = await docker.run("ps", "--all", "--filter", `label=switchyard.job=${job.job.jobId}`, "--format", "{{.Names}}");
  return names === "" ? [] : names.split("\n");
}
