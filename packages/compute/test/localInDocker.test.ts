// Every promise of the driver contract once more, with each job's script in a container, and in an isolated one.
import { tmpdir } from "node:os";
import type { ComputeDriver, JobBundle } from "@switchyard/compute";
import { LOCAL_FEATURES, type LocalSiteOptions } from "@switchyard/compute/local";
import { describeDriver } from "@switchyard/compute/testing";
import { busyboxImage, type DockerLab, startDocker } from "@switchyard/compute/testing/docker";
import { beforeAll } from "vitest";
import { LocalLab } from "./localLab.ts";
import { inContainer } from "./supervisor/containerLab.ts";

let docker: DockerLab;
let image: string;
beforeAll(async () => {
  docker = await startDocker();
  image = await busyboxImage(docker);
  // a local job finds its engine as the server does
  Object.assign(process.env, docker.env);
});

class DockerisedLab extends LocalLab {
  readonly #isolated: boolean;

  constructor(isolated: boolean) {
    super();
    this.#isolated = isolated;
  }

  override async connect(options: Partial<LocalSiteOptions> = {}): Promise<ComputeDriver> {
    const driver = await super.connect(options);
    const start = driver.start.bind(driver);
    driver.start = (bundle, signal) => start(containerised(bundle, this.#isolated), signal);
    return driver;
  }
}

/** What tests open for scripts to go on lies in the folder for temporary files. */
function containerised(bundle: JobBundle, isolated: boolean): JobBundle {
  const { container } = inContainer({ docker, image }, { isolated, arguments: ["--volume", `${tmpdir()}:${tmpdir()}`] });
  return { ...bundle, job: { ...bundle.job, container } };
}

describeDriver("local, in containers,", async () => new DockerisedLab(false), LOCAL_FEATURES);
describeDriver("local, in isolated containers,", async () => new DockerisedLab(true), LOCAL_FEATURES);
