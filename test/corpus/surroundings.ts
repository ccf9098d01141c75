import { execFileSync } from "node:child_process";
import { chmodSync, copyFileSync, existsSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { baseImage, type DockerLab, startDocker } from "@switchyard/compute/testing/docker";
import { sparkForEverybody } from "../../packages/compute/src/testing/spark.ts";
import { SshLab } from "../../packages/compute/src/testing/ssh/sshLab.ts";
import { LiveServer } from "../support/liveServer.ts";
import { type Aftermath, aftermathOf } from "./aftermath.ts";
import { makeData } from "./data.ts";
import type { CorpusPython } from "./fixtures.ts";
import type { Fixture, Row } from "./rows.ts";

const SUBSCRIPTION = "00000000-0000-0000-0000-000000000000";

/** What a row finds around it: a server, and variables for the process that runs its file. */
export interface World {
  readonly variables: Readonly<Record<string, string>>;
  /** Waits for the runs that the file left behind. */
  aftermath(seconds: number): Promise<readonly Aftermath[]>;
  close(): Promise<void>;
}

/** Makes the fixtures that rows name. Engines that take long to start are started once. */
export class Surroundings {
  readonly #folder: string;
  readonly #python: CorpusPython;
  readonly #mirror: string;
  readonly #data: Readonly<Record<string, string>>;
  #docker: Promise<{ lab: DockerLab; image: string }> | undefined;

  constructor(folder: string, python: CorpusPython, mirror: string) {
    this.#folder = folder;
    this.#python = python;
    this.#mirror = mirror;
    this.#data = makeData(join(folder, "data"));
  }

  async prepare(row: Row, scratch: string, file: string): Promise<World> {
    const has = (fixture: Fixture) => row.fixtures.includes(fixture);
    if (has("docker")) this.#docker ??= this.#startDocker();
    const docker = has("docker") ? ((await this.#docker) ?? null) : null;
    const engine: Record<string, string> =
      docker === null ? {} : { ...docker.lab.env, SWITCHYARD_IMAGES: `cpu=${docker.image},gpu=${docker.image}` };
    // what is served here has none of what that row asks for; the person's own index has
    const index = has("package index") ? {} : { PIP_INDEX_URL: this.#mirror, PIP_CONFIG_FILE: "/dev/null", PIP_FIND_LINKS: "" };
    const packages = {
      PATH: [this.#python.tools, this.#python.bin, process.env.PATH].join(delimiter),
      CORPUS_PYTHON: this.#python.python,
      CORPUS_SITE: this.#python.site,
      ...index,
      CORPUS_DATA: JSON.stringify(this.#data),
      // as `more` ended of itself at the time
      MORE: "-e",
    };
    const mirrors = Object.entries(this.#data).map(([address, folder]) => `${address}=folder:${folder}/`);
    const server = new LiveServer({ variables: { ...packages, ...engine, SWITCHYARD_DATA_MIRRORS: mirrors.join(",") } });
    const closing: (() => Promise<void>)[] = [() => server.close()];
    try {
      await server.start();
      closing.unshift(() => deleteServices(server));
      const variables: Record<string, string> = {
        ...packages,
        ...engine,
        SWITCHYARD_HOME: server.home,
        PYTHONPATH: join(process.cwd(), "python"),
      };
      if (!has("no config")) writeConfig(scratch);
      if (has("workspace variables")) {
        Object.assign(variables, {
          SUBSCRIPTION_ID: SUBSCRIPTION,
          RESOURCE_GROUP: "switchyard",
          WORKSPACE_NAME: "corpus",
          WORKSPACE_REGION: "eastus2",
        });
      }
      if (has("az")) variables.PATH = [await writeAz(this.#folder, server.home), packages.PATH].join(delimiter);
      if (has("default cluster")) await makeCluster(server, "cpu-cluster");
      if (has("ssh host")) {
        const lab = await this.#startHost(docker?.lab ?? null);
        closing.unshift(() => lab.close());
        if (docker !== null) closing.unshift(showHome(lab));
        const key = join(dirname(file), ".ssh/id_rsa");
        mkdirSync(dirname(key), { mode: 0o700 });
        copyFileSync(join(lab.folder, "id"), key);
        Object.assign(variables, { AZUREML_DSVM_ADDRESS: lab.host.address, AZUREML_DSVM_USERNAME: lab.host.settings().username });
      }
      if (has("spark host")) {
        const spark = sparkForEverybody();
        closing.unshift(async () => spark.remove());
        const lab = await this.#startHost(null, { path: [`${spark.home}/bin`], variables: { SPARK_HOME: spark.home } });
        closing.unshift(() => lab.close());
        const { password } = lab.auth("password") as { password: string };
        Object.assign(variables, { hdiservername: lab.host.address, hdiusername: lab.host.settings().username, hdipassword: password });
      }
      return { variables, aftermath: (seconds) => aftermathOf(server.client, seconds), close: () => closeAll(closing) };
    } catch (error) {
      await closeAll(closing);
      throw error;
    }
  }

  async close(): Promise<void> {
    const docker = await this.#docker?.catch(() => undefined);
    await docker?.lab.close();
  }

  /** A real sshd on an address of its own, whose account finds the same Python, micromamba and Docker engine. */
  async #startHost(docker: DockerLab | null, more: { path?: string[]; variables?: Record<string, string> } = {}): Promise<SshLab> {
    // the account may use the engine, as one of the group docker may
    const socket = docker?.env.DOCKER_HOST?.replace("unix://", "");
    if (socket !== undefined) chmodSync(socket, 0o666);
    const path = [this.#python.tools, this.#python.bin, ...(more.path ?? []), "/usr/local/bin:/usr/bin:/bin"].join(delimiter);
    const { CORPUS_PYTHON, CORPUS_SITE } = { CORPUS_PYTHON: this.#python.python, CORPUS_SITE: this.#python.site };
    const environment = {
      PATH: path,
      CORPUS_PYTHON,
      CORPUS_SITE,
      PIP_INDEX_URL: this.#mirror,
      PIP_CONFIG_FILE: "/dev/null",
      ...docker?.env,
      ...more.variables,
    };
    return await SshLab.start(1, { environment });
  }

  /** An engine of its own and, in place of the vendor's default image, one that has the corpus Python's packages. */
  async #startDocker(): Promise<{ lab: DockerLab; image: string }> {
    const lab = await startDocker();
    const base = await baseImage(lab, ["python3", "python3-venv"]);
    const context = join(this.#folder, "image");
    mkdirSync(context);
    await import("./image.ts").then(({ fillImage }) => fillImage(context, base, this.#python));
    const image = "switchyard-corpus/base:1";
    await lab.run("build", "--quiet", "--tag", image, context);
    return { lab, image };
  }
}

/** The home of the lab's account is seen on its host alone, under this path; the engine, which runs here, has to see it there as well. */
function showHome(lab: SshLab): () => Promise<void> {
  const path = `/home/${lab.host.settings().username}`;
  if (existsSync(path)) throw new Error(`${path} is there already; the row's containers would see that in place of the lab's.`);
  symlinkSync(lab.host.home, path);
  return async () => rmSync(path);
}

/** What a row that stopped half-way deployed would go on without its server. */
async function deleteServices({ client }: LiveServer): Promise<void> {
  for (const { name: workspace } of await client.listWorkspaces({})) {
    const services = await client.listServices({ params: { workspace }, query: {} });
    for (const { name } of services) await client.deleteService({ params: { workspace, name } });
  }
}

async function closeAll(closing: readonly (() => Promise<void>)[]): Promise<void> {
  for (const close of closing) await close().catch((error) => console.error(`While cleaning up: ${(error as Error).message}`));
}

/** A folder with our `az`, and a `wget` that writes a few bytes in place of the model of 40 MB that a row fetches. */
async function writeAz(folder: string, home: string): Promise<string> {
  const bin = join(folder, "az");
  mkdirSync(bin, { recursive: true });
  const program = join(process.cwd(), "packages/cli/bin/switchyard.mjs");
  execFileSync(process.execPath, [program, "az-shim", "install", "--dir", bin], {
    env: { ...process.env, SWITCHYARD_HOME: home },
    stdio: "ignore",
  });
  writeFileSync(join(bin, "wget"), '#!/bin/sh\n# wget ADDRESS -o FILE\necho "stands for $1" >"$3"\n', { mode: 0o755 });
  return bin;
}

/** As the workspace's page offers it for download: the one edit that whoever moves here makes. */
function writeConfig(scratch: string): void {
  const folder = join(scratch, ".azureml");
  mkdirSync(folder, { recursive: true });
  const config = { subscription_id: SUBSCRIPTION, resource_group: "switchyard", workspace_name: "default" };
  writeFileSync(join(folder, "config.json"), `${JSON.stringify(config, null, 2)}\n`);
}

async function makeCluster(server: LiveServer, name: string): Promise<void> {
  const params = { workspace: "default" };
  await server.client.createTarget({
    params,
    body: { name, type: "amlcompute", settings: { vmSize: "STANDARD_D2_V2", maxNodes: 4 } },
  } as never);
  await server.client.waitForTarget({ params: { ...params, name }, timeoutSeconds: 60 });
}
