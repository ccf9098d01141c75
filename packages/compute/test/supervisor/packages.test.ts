// What is installed for the vendor's names: a real pip, an index with look-alikes of a higher version, and packages of other
// people that depend on them.
import { existsSync, globSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type JobEnvironment, pipPlan } from "@switchyard/protocol";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type PipIndex, startPipIndex } from "../../src/testing/docker/index.ts";
import { find, SHELLS, type TestJob, TestSite } from "./harness.ts";

const NAME = `azureml_${"0123456789abcdef".repeat(2)}`;
const BUILD_LOG = "azureml-logs/20_image_build_log.txt";

let index: PipIndex;
beforeAll(async () => {
  index = await startPipIndex({
    "azureml-core": "99.0",
    "azureml-dataset-runtime": "99.0",
    "azureml-unheard-of": "1.0",
    numpy: "1.0",
    pandas: "1.0",
    "needs-core": { version: "1.0", requires: ["azureml-core>=1.2.0"] },
    "needs-old-core": { version: "1.0", requires: ["azureml_core==1.37.0"] },
    "needs-data": { version: "1.0", requires: ["azureml-dataset-runtime[pandas]~=1.37.0"] },
    "needs-unheard-of": { version: "1.0", requires: ["azureml-unheard-of"] },
  });
});
afterAll(() => index.close());

/** As the server packs it. */
function environmentOf(...pip: string[]): Extract<JobEnvironment, { kind: "system" }> {
  const { requirements, pins, afterConda } = pipPlan({ dependencies: ["python", "pip", { pip }] });
  return {
    kind: "system",
    name: NAME,
    conda: "dependencies:\n- python\n- pip\n",
    requirements,
    afterConda,
    pins,
    whyNotPip: null,
    python: null,
    mayBuild: true,
  };
}

/** The tests' own; where it is missing, `scripts/test-python.sh` makes it. */
const uv = globSync(fileURLToPath(new URL("../../../../.cache/uv-*/bin/uv", import.meta.url)))[0];

for (const shell of SHELLS) {
  describe(`packages under ${shell}`, () => {
    let site: TestSite;
    let asked: number;
    beforeEach(() => {
      asked = index.asked.length;
      site = new TestSite(shell);
      Object.assign(site.variables, { PIP_INDEX_URL: index.url, PIP_CONFIG_FILE: "/dev/null", PIP_FIND_LINKS: "", PIP_NO_CACHE_DIR: "1" });
    });
    afterEach(() => site.clean());

    const installed = () => {
      const lib = join(site.root, "environments", NAME, "lib");
      if (!existsSync(lib)) return [];
      const packages = readdirSync(lib).flatMap((python) => readdirSync(join(lib, python, "site-packages")));
      return packages.flatMap((name) => /^(.*)\.dist-info$/.exec(name)?.[1] ?? []).filter((name) => !/^(pip|setuptools|wheel)-/.test(name));
    };
    const place = (environment: JobEnvironment) =>
      site.place("job", { command: { kind: "python", script: "a.py", arguments: [] }, code: { "a.py": "" }, environment });
    const run = async (...pip: string[]): Promise<TestJob> => {
      const job = place(environmentOf(...pip));
      await job.launch();
      const { exitCode, because } = await job.ended(1, 100);
      if (exitCode !== 0) throw new Error(`${because}:\n${job.read(BUILD_LOG)}`);
      return job;
    };
    const noneFetched = () => expect(index.asked.slice(asked).filter((path) => path.startsWith("/files/azureml"))).toEqual([]);

    it("a package that pins another version gets a stand-in of that version", async () => {
      const job = await run("needs-old-core", "needs-data");
      expect(installed().sort()).toEqual([
        "azureml_core-1.37.0+switchyard",
        "azureml_dataset_runtime-1.37.0+switchyard",
        "needs_data-1.0",
        "needs_old_core-1.0",
        "numpy-1.0",
        "pandas-1.0",
      ]);
      expect(job.read(BUILD_LOG)).toContain("Switchyard's client now stands in for azureml-core 1.37.0");
      noneFetched();
    });

    // the others start pip many times, and no shell does anything of its own there
    if (shell !== "dash") return;

    it("an index with a higher version: what others depend on is the stand-in, and nothing of the vendor's is fetched", async () => {
      const job = await run("azureml-defaults==1.37.0", "needs-core", "azureml-dataset-runtime[pandas,fuse]");
      expect(installed().sort()).toEqual(["azureml_core-1.62.0+switchyard", "needs_core-1.0", "numpy-1.0", "pandas-1.0"]);
      expect(job.read(BUILD_LOG)).toContain("served by Switchyard's own client, not fetched: azureml-defaults, azureml-dataset-runtime");
      noneFetched();
    });

    it("an index that the list names itself, and a list with hashes", async () => {
      site.variables.PIP_INDEX_URL = "http://127.0.0.1:9/nowhere";
      const hash = `--hash=sha256:${index.sha256Of("needs-old-core")}`;
      await run(
        `--index-url ${index.url}`,
        "--require-hashes",
        `needs-old-core==1.0 ${hash}`,
        `azureml-core==1.37.0 --hash=sha256:${"0".repeat(64)}`,
      );
      expect(installed().sort()).toEqual(["azureml_core-1.37.0+switchyard", "needs_old_core-1.0"]);
      noneFetched();
    });

    it("a name of the vendor's that nobody knows: the build is refused and says which package it was", async () => {
      const job = place(environmentOf("needs-unheard-of"));
      await job.launch();
      expect(await job.ended(1, 100)).toMatchObject({ exitCode: null, because: "environment_failed" });
      expect(job.read(BUILD_LOG)).toContain("The package azureml_unheard_of-1.0");
      expect(installed()).toEqual([]);
    });

    it("conda: its pip list is installed under the same constraints", async () => {
      const python = find("python3");
      site.addTool(
        "micromamba",
        `#!/bin/sh\nwhile [ "$1" != --prefix ]; do shift; done\n'${python}' -m venv "$2" && mkdir "$2/conda-meta"\n`,
      );
      const job = await run("needs-core", "azureml-sdk[notebooks]");
      expect(installed().sort()).toEqual(["azureml_core-1.62.0+switchyard", "needs_core-1.0"]);
      expect(job.read(BUILD_LOG)).toContain("not fetched: azureml-sdk");
      noneFetched();
    });

    it("uv: the same", async () => {
      expect(uv, "uv; run scripts/test-python.sh").toBeDefined();
      site.addTool("uv", `#!/bin/sh\nexec '${uv}' "$@"\n`);
      Object.assign(site.variables, { UV_INDEX_URL: index.url, UV_NO_CACHE: "1" });
      await run("needs-old-core", "needs-data");
      expect(installed()).toEqual(expect.arrayContaining(["azureml_core-1.37.0+switchyard", "pandas-1.0"]));
      noneFetched();
    });
  });
}
