import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { until } from "@switchyard/compute/testing";
import { guardDockerfile, type JobContainer, type JobEnvironment } from "@switchyard/protocol";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type PipIndex, startPipIndex } from "../../src/testing/docker/index.ts";
import {
  BUILD_LOG,
  type ContainerLab,
  containerSite,
  DRIVER_LOG,
  inContainer,
  MINUTES_5,
  python,
  startContainerLab,
  uniqueName,
} from "./containerLab.ts";
import { eventually, kill, SHELLS, type TestJob, type TestSite } from "./harness.ts";

let lab: ContainerLab;
let index: PipIndex;
beforeAll(async () => {
  lab = await startContainerLab();
  const needsOldCore = { version: "1.0", requires: ["azureml-core==1.37.0"] };
  index = await startPipIndex({ greeting: "1.5", "azureml-core": "99.0", "needs-old-core": needsOldCore });
}, MINUTES_5);
afterAll(() => index.close());

const hash = () => `azureml_${uniqueName("").slice(1).padEnd(32, "0")}`;
const states = (job: TestJob) => job.events().flatMap((event) => (event.kind === "environment" ? [event.state] : []));
const because = (job: TestJob) =>
  job
    .events()
    .flatMap((event) => (event.kind === "environment" ? [event.because] : []))
    .at(-1);
const driverLog = (job: TestJob) => job.read(DRIVER_LOG);

for (const name of SHELLS) {
  describe(`images under ${name}`, () => {
    let site: TestSite;
    beforeEach(() => {
      site = containerSite(lab, name);
      Object.assign(site.variables, { PIP_INDEX_URL: index.url, PIP_CONFIG_FILE: "/dev/null" });
    });
    afterEach(() => site.clean());

    /** A run whose packages come from the index of the tests. */
    function placeManaged(
      id: string,
      built: string,
      { requirements = "greeting\n", ...changes }: Partial<JobContainer> & { requirements?: string; whyNotPip?: string } = {},
    ) {
      const { whyNotPip = null, ...container } = changes;
      const environment: JobEnvironment = {
        kind: "system",
        name: built,
        conda: "dependencies:\n- python\n",
        requirements: whyNotPip === null ? requirements : null,
        whyNotPip,
        python: null,
        mayBuild: true,
      };
      const script = "import greeting, sys; print(greeting.VERSION, sys.prefix)\n";
      const more = whyNotPip === null ? { requirements } : {};
      return site.place(uniqueName(id), { ...python(script), ...more, environment, ...inContainer(lab, { builtAs: built, ...container }) });
    }

    it("installs the packages of a system-managed environment once into an image and uses it again", async () => {
      const built = hash();
      const jobs = ["first", "second"].map((id) => placeManaged(id, built));
      await Promise.all(jobs.map((job) => job.launch()));
      for (const job of jobs) {
        expect((await job.ended()).exitCode).toBe(0);
        expect(driverLog(job)).toBe("1.5 /opt/switchyard/environment\n");
      }
      expect(jobs.map((job) => states(job).at(-1)).sort()).toEqual(["built", "cached"]);
      const log = jobs.map((job) => job.read(BUILD_LOG)).join("");
      expect(log).toContain("every dependency can come from a Python index");
      expect(log).toContain("Successfully installed greeting-1.5");
      const third = placeManaged("third", built, { mayBuild: false });
      expect((await third.run()).exitCode).toBe(0);
      expect(third.read(BUILD_LOG)).toContain("was built before");
      const left = await lab.docker.run("run", "--rm", "--network", "host", `azureml/${built}`, "sh", "-c", "ls /opt/switchyard; env");
      expect(left).not.toContain("build\n");
      expect(left).not.toContain("PIP_INDEX_URL");
      expect(await lab.docker.run("ps", "--all", "--quiet", "--filter", `name=${built}`)).toBe("");
      expect(readdirSync(join(site.root, "environments"))).toEqual([]);
    });

    it("builds the base from a Dockerfile, whose packages a user-managed run sees", async () => {
      const dockerfile = `FROM ${lab.image}\nRUN echo 'fine' > /etc/made-here\n`;
      const container = { image: null, dockerfile, builtAs: hash() };
      const job = site.place(uniqueName("dockerfile"), {
        ...python("print(open('/etc/made-here').read())"),
        ...inContainer(lab, container),
      });
      expect((await job.run()).exitCode).toBe(0);
      expect(driverLog(job)).toBe("fine\n\n");
      expect(states(job)).toEqual(["building", "built"]);
      const again = site.place(uniqueName("again"), { ...python("print(1)"), ...inContainer(lab, { ...container, mayBuild: false }) });
      await again.run();
      expect(states(again)).toEqual(["cached"]);
    });

    // What follows is the engine's and pip's time, not the shell's.
    if (name !== "dash") return;

    it("names the package that no index has, and leaves nothing half-built", async () => {
      const built = hash();
      for (const id of ["first", "again"]) {
        const job = placeManaged(id, built, { requirements: "no-such-thing==3\n" });
        expect(await job.run()).toMatchObject({ because: "environment_failed" });
        expect(because(job)).toMatch(/could not be built in the image .*no-such-thing==3/);
      }
      expect(await lab.docker.run("image", "ls", "--quiet", `azureml/${built}`)).toBe("");
      expect(await lab.docker.run("ps", "--all", "--quiet", "--filter", `name=${built}`)).toBe("");
    });

    it("the vendor's names are stand-ins in an image, and in what a Dockerfile installs itself", async () => {
      const script = (python: string) => `import subprocess; print(subprocess.getoutput("${python} -m pip list"))\n`;
      const managed = placeManaged("managed", hash(), { requirements: "needs-old-core\ngreeting\n" });
      expect((await managed.run()).exitCode).toBe(0);
      expect(managed.read(BUILD_LOG)).toContain("Switchyard's client now stands in for azureml-core 1.37.0");
      const install = `/v/bin/pip install --index-url ${index.url} azureml-core==1.37.0 needs-old-core`;
      const dockerfile = guardDockerfile(`FROM ${lab.image}\nRUN python3 -m venv /v && ${install}\n`);
      const container = inContainer(lab, { image: null, dockerfile, builtAs: hash() });
      const own = site.place(uniqueName("own"), { ...python(script("/v/bin/python")), ...container });
      expect((await own.run()).exitCode).toBe(0);
      expect(driverLog(own)).toMatch(/azureml-core +1\.37\.0\+switchyard/);
      expect(index.asked.filter((path) => path.startsWith("/files/azureml"))).toEqual([]);
    });

    it("can be stopped while it builds", async () => {
      const built = hash();
      const dockerfile = `FROM ${lab.image}\nRUN sleep 4713\n`;
      const job = placeManaged("stopped", built, { image: null, dockerfile });
      await job.launch();
      await eventually("it builds", () => job.read(BUILD_LOG).includes("RUN sleep"));
      await site.supervise("stop", job.folder, "1", "canceled");
      expect(await job.ended()).toMatchObject({ because: "canceled", exitCode: null });
      // the engine ends the step some moments after its client has gone
      const steps = () => lab.docker.run("ps", "--no-trunc", "--filter", "status=running", "--format", "{{.Command}}");
      await until("the step is ended", async () => !(await steps()).includes("sleep 4713"));
      expect(readdirSync(join(site.root, "environments"))).toEqual([]);
    });

    it("takes over from a builder that was killed", async () => {
      const built = hash();
      const first = placeManaged("killed", built, { requirements: `--find-links ${index.url}/../../hold\ngreeting\n` });
      await first.launch();
      await eventually("it builds", () => first.read(BUILD_LOG).includes("-m pip install"), 60);
      kill(Number(first.read("pids").split(" ")[0]));
      const second = placeManaged("second", built);
      expect((await second.run()).exitCode).toBe(0);
      expect(["built", "cached"]).toContain(states(second).at(-1));
      expect((await site.supervise("finish", first.folder, "1")).code).toBe(0);
      await first.ended();
      expect(await lab.docker.run("ps", "--all", "--quiet", "--filter", `name=${built}`)).toBe("");
    });
  });
}

describe("images", () => {
  let site: TestSite;
  beforeEach(() => {
    site = containerSite(lab, "dash");
  });
  afterEach(() => site.clean());

  it("uses the conda that an image has", async () => {
    const conda = `#!/bin/sh\n[ "$1" = --version ] && exit\nwhile [ "$1" != --prefix ]; do shift; done\nmkdir -p "$2/bin" "$2/conda-meta"; ln -s /usr/bin/python3 "$2/bin/python"\n`;
    writeFileSync(join(site.root, "conda"), conda);
    const tag = uniqueName("switchyard-test/conda");
    const lines = conda.replaceAll("\\", "\\\\").replaceAll("\n", "\\n").replaceAll("'", "'\\''");
    const dockerfile = `FROM ${lab.image}\nRUN printf '%b' '${lines}' >/usr/local/bin/conda && chmod +x /usr/local/bin/conda\n`;
    const environment: JobEnvironment = {
      kind: "system",
      name: hash(),
      conda: "dependencies:\n- cudatoolkit\n",
      requirements: null,
      whyNotPip: "cudatoolkit comes from conda only.",
      python: null,
      mayBuild: true,
    };
    const script = "import os; print(os.environ['CONDA_PREFIX'])";
    const container = inContainer(lab, { image: null, dockerfile, builtAs: environment.name });
    const job = site.place(tag.replace("/", "-"), { ...python(script), environment, ...container });
    expect((await job.run()).exitCode).toBe(0);
    expect(driverLog(job)).toBe("/opt/switchyard/environment\n");
    expect(job.read(BUILD_LOG)).toContain("with conda (/usr/local/bin/conda), found in the image");
    const without = site.place(uniqueName("without"), {
      ...python(script),
      environment: { ...environment, name: hash() },
      ...inContainer(lab, { builtAs: hash() }),
    });
    expect((await without.run()).because).toBe("environment_failed");
    expect(because(without)).toContain(
      "The environment needs conda: cudatoolkit comes from conda only. Neither micromamba, mamba nor conda was found in the image",
    );
  });
});
