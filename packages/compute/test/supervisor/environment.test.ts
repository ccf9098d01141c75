import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { JobEnvironment, JobEvent } from "@switchyard/protocol";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { eventually, find, isAlive, kill, processesOf, SHELLS, type TestJob, TestSite } from "./harness.ts";

const NAME = `azureml_${"0123456789abcdef".repeat(2)}`;
const BUILD_LOG = "azureml-logs/20_image_build_log.txt";
const system = (changes: Partial<Extract<JobEnvironment, { kind: "system" }>> = {}): JobEnvironment => ({
  kind: "system",
  name: NAME,
  conda: "dependencies:\n- python\n",
  requirements: null,
  whyNotPip: null,
  python: null,
  mayBuild: true,
  ...changes,
});
const WHERE = {
  command: { kind: "python" as const, script: "a.py", arguments: [] },
  code: { "a.py": "import os, sys; print(sys.prefix, os.environ.get('CONDA_PREFIX'))" },
};
/** Counts its calls and makes an environment of nothing but the Python that is here. */
const fakeConda = (root: string, more = "") => `#!/bin/sh
echo "$$ $*" >>'${root}/calls'
${more}
while [ "$1" != --prefix ]; do shift; done
mkdir -p "$2/bin" "$2/conda-meta" && ln -s '${find("python3")}' "$2/bin/python"
`;
const environments = (job: TestJob) =>
  job.events().flatMap((event: JobEvent) => (event.kind === "environment" ? [{ state: event.state, because: event.because }] : []));

for (const shell of SHELLS) {
  describe(`environments under ${shell}`, () => {
    let site: TestSite;
    beforeEach(() => {
      site = new TestSite(shell);
    });
    afterEach(() => site.clean());
    const folder = () => join(site.root, "environments", NAME);
    const calls = () => (existsSync(join(site.root, "calls")) ? readFileSync(join(site.root, "calls"), "utf8").trim().split("\n") : []);
    const hold = () => fakeConda(site.root, `until [ -e '${site.root}/go' ]; do sleep 0.02; done`);
    const go = () => writeFileSync(join(site.root, "go"), "");

    it("builds a virtual environment once, without network for no requirements, and reuses it", async () => {
      // on a machine with uv, that is what builds
      const options = { ...WHERE, environment: system(), requirements: "# azureml-core: served by Switchyard\n\n" };
      const first = site.place("first", options);
      expect((await first.run()).exitCode).toBe(0);
      expect(environments(first).map(({ state }) => state)).toEqual(["building", "built"]);
      expect(first.read("azureml-logs/80_driver_log.txt")).toBe(`${folder()} None\n`);
      expect(first.read(BUILD_LOG)).toContain("every dependency can come from a Python index");
      expect(first.read(BUILD_LOG)).toContain("# azureml-core: served by Switchyard");
      const second = site.place("second", options);
      expect((await second.run()).exitCode).toBe(0);
      expect(environments(second).map(({ state }) => state)).toEqual(["cached"]);
      expect(second.read(BUILD_LOG)).toContain("was built before");
      expect(readdirSync(folder())).toEqual(expect.arrayContaining([".complete", ".last-used"]));
    });

    it("prefers conda's relatives, in order, and a conda that is named", async () => {
      for (const name of ["conda", "mamba"]) site.addTool(name, fakeConda(site.root));
      const job = site.place("conda", { ...WHERE, environment: system(), requirements: "" });
      expect((await job.run()).exitCode).toBe(0);
      expect(environments(job)[0]?.because).toContain(`with mamba (${site.tools}/mamba)`);
      expect(calls()[0]).toContain(`env create --prefix ${folder()} --file ${job.folder}/.switchyard/environment/conda.yml`);
      expect(job.read("azureml-logs/80_driver_log.txt")).toContain(` ${folder()}\n`);
      rmSync(folder(), { recursive: true });
      site.addTool("mine", fakeConda(site.root));
      site.variables.SWITCHYARD_CONDA = join(site.tools, "mine");
      await site.place("named", { ...WHERE, environment: system() }).run();
      expect(calls()).toHaveLength(2);
    });

    it("never reuses a build that failed", async () => {
      site.addTool("conda", `#!/bin/sh\nmkdir -p "$4"; echo "Error: no package called nowhere"; exit 3\n`);
      const job = site.place("broken", { ...WHERE, environment: system() });
      expect(await job.run()).toMatchObject({ exitCode: null, because: "environment_failed" });
      expect(environments(job).at(-1)).toMatchObject({ state: "failed", because: expect.stringContaining("no package called nowhere") });
      expect(readdirSync(join(site.root, "environments"))).toEqual([]);
      expect(job.read("azureml-logs/80_driver_log.txt")).toContain("no package called nowhere");
      // what a killed build leaves counts for nothing
      mkdirSync(join(folder(), "bin"), { recursive: true });
      writeFileSync(join(folder(), "half"), "");
      site.addTool("conda", fakeConda(site.root));
      expect((await site.place("after", { ...WHERE, environment: system() }).run()).exitCode).toBe(0);
      expect(existsSync(join(folder(), "half"))).toBe(false);
    });

    it("builds once for runs that ask at the same time; the others wait and say so", async () => {
      site.addTool("conda", hold());
      const jobs = ["a", "b", "c"].map((id) => site.place(id, { ...WHERE, environment: system() }));
      await Promise.all(jobs.map((job) => job.launch()));
      await eventually("two wait", () => jobs.filter((job) => environments(job)[0]?.state === "waiting").length === 2);
      go();
      for (const job of jobs) expect((await job.ended()).exitCode).toBe(0);
      expect(calls()).toHaveLength(1);
      expect(jobs.map((job) => environments(job).at(-1)?.state).sort()).toEqual(["built", "cached", "cached"]);
    });

    it("takes the lock over from a builder that was killed, and ends what it left", async () => {
      site.addTool("conda", hold());
      const first = site.place("first", { ...WHERE, environment: system() });
      await first.launch();
      const orphan = Number((await eventually("it builds", () => calls()[0])).split(" ")[0]);
      kill(Number(first.read("pids").split(" ")[0]));
      go();
      const second = site.place("second", { ...WHERE, environment: system() });
      expect((await second.run()).exitCode).toBe(0);
      await eventually("the orphan is gone", () => !isAlive(orphan));
      expect(environments(second).at(-1)?.state).toBe("built");
      expect((await site.supervise("finish", first.folder, "1")).code).toBe(0);
      expect((await first.ended()).because).toBe("unknown");
    });

    it("can be stopped while it builds and while it waits", async () => {
      site.addTool("conda", hold());
      const builds = site.place("builds", { ...WHERE, environment: system() });
      await builds.launch();
      await eventually("it builds", () => calls()[0]);
      const waits = site.place("waits", { ...WHERE, environment: system() });
      await waits.launch();
      await eventually("it waits", () => environments(waits).length > 0);
      await site.supervise("stop", waits.folder, "1", "canceled");
      expect(await waits.ended()).toMatchObject({ exitCode: null, because: "canceled" });
      await site.supervise("stop", builds.folder, "1", "canceled");
      expect(await builds.ended()).toMatchObject({ exitCode: null, because: "canceled" });
      await eventually("nothing is left", () => processesOf(site.root).length === 0);
      expect(readdirSync(join(site.root, "environments"))).toEqual([]);
    });

    it("says what to do when nothing here can build it", async () => {
      const why = "cudatoolkit comes from conda only.";
      const job = site.place("conda-only", { ...WHERE, environment: system({ whyNotPip: why }) });
      expect((await job.run()).because).toBe("environment_failed");
      expect(environments(job).at(-1)?.because).toContain(`The environment needs conda: ${why}`);
      expect(environments(job).at(-1)?.because).toContain("SWITCHYARD_CONDA");
      const cached = site.place("cached-only", { ...WHERE, environment: system({ mayBuild: false }) });
      expect((await cached.run()).because).toBe("environment_failed");
      expect(environments(cached).at(-1)?.because).toContain("may not build it");
    });

    it.skipIf(find("uv") !== null)("names the Python that is missing and those that are there", async () => {
      const job = site.place("version", { ...WHERE, environment: system({ python: "3.99" }), requirements: "" });
      expect((await job.run()).because).toBe("environment_failed");
      expect(environments(job).at(-1)?.because).toMatch(/asks for Python 3\.99, which is not on this machine\. Found: .*python/);
    });

    it.skipIf(find("uv") !== null)("names the Debian package when Python cannot make environments", async () => {
      site.addTool("python3", `#!/bin/sh\ncase $2 in *ensurepip*) exit 1 ;; esac\necho 3.11.2\n`);
      const job = site.place("debian", { ...WHERE, environment: system(), requirements: "" });
      expect((await job.run()).because).toBe("environment_failed");
      expect(environments(job).at(-1)?.because).toContain("apt install python3-venv");
    });
  });
}
