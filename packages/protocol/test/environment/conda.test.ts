import { condaTextFor, formatProblem, parseCondaFile, parseCondaSpec } from "@switchyard/protocol";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";

function problemsOf(text: string): string[] {
  return parseCondaFile(text, "conda.yml").problems.map(formatProblem);
}

describe("conda file", () => {
  it("is read with its channels, packages and pip list, in order", () => {
    const text =
      "name: project_environment\nchannels: [conda-forge, anaconda]\ndependencies:\n- python=3.6.2\n- pip=20.1.1\n- pip:\n  - azureml-defaults\n  - numpy==1.19.2 # exact\n";
    expect(parseCondaFile(text, "f")).toEqual({
      problems: [],
      dependencies: {
        name: "project_environment",
        channels: ["conda-forge", "anaconda"],
        dependencies: ["python=3.6.2", "pip=20.1.1", { pip: ["azureml-defaults", "numpy==1.19.2"] }],
      },
    });
  });

  it("keeps keys of other tools", () => {
    const { dependencies, problems } = parseCondaFile("dependencies: [python]\nprefix: /opt/x\nvariables: {A: 1}\n", "f");
    expect(problems).toEqual([]);
    expect(dependencies).toMatchObject({ prefix: "/opt/x", variables: { A: 1 } });
  });

  it.each([
    ["", "conda.yml:1:1: error: the file is empty"],
    ["- python\n", "conda.yml:1:1: error: expected conda dependencies"],
    ["name: x\n", 'conda.yml:1:1: error: dependencies: the key "dependencies" is missing'],
    [
      "name: x\ndependancies: [python]\n",
      'conda.yml:2:1: warning: dependancies: unknown key "dependancies", kept but not used; did you mean "dependencies"?',
    ],
    ["dependencies: python\n", "conda.yml:1:15: error: dependencies: expected a list of packages"],
    [
      "dependencies:\n- python\n- 3.8\n",
      'conda.yml:3:3: error: dependencies[1]: expected a package, like "numpy=1.19", came the number 3.8',
    ],
    ["dependencies:\n- python: 3.8\n", "conda.yml:2:3: error: dependencies[0].python: only pip may have a list of its own"],
    ["dependencies:\n- numpy 1 2 3 4\n", 'conda.yml:2:3: error: dependencies[0]: "numpy 1 2 3 4" is no conda package'],
    ["dependencies:\n- num/py\n", 'conda.yml:2:3: error: dependencies[0]: "num/py" is no conda package'],
    ["dependencies:\n- pip: numpy\n", "conda.yml:2:8: error: dependencies[0].pip: expected a list of pip requirements"],
    ["dependencies:\n- pip:\n  - a: b\n", "conda.yml:3:5: error: dependencies[0].pip[0]: expected a pip requirement"],
    ["dependencies:\n- pip:\n  - numpy = 1\n", 'conda.yml:3:5: error: dependencies[0].pip[0]: "numpy = 1": this is no package requirement'],
    ["channels: conda-forge\ndependencies: [python]\n", "conda.yml:1:11: error: channels: expected a list of channels"],
    [
      "dependencies: [python]\ndependencies: [pip]\n",
      'conda.yml:2:1: error: dependencies: the key "dependencies" was given before in line 1',
    ],
    ["dependencies:\n\t- python\n", "conda.yml:2:1: error: a tab stands"],
  ])("says what is wrong with %j", (text, problem) => expect(problemsOf(text)).toContainEqual(expect.stringContaining(problem)));

  it.each([
    ["-r requirements.txt", "-r is not possible here: put its packages into this list"],
    ["-rrequirements.txt", "-r is not possible here"],
    ["--requirement more.txt", "--requirement is not possible here"],
    ["-c constraints.txt", "-c is not possible here"],
    ["-e .", "-e is not possible here: an environment is shared"],
    ["--editable git+https://example.org/a.git", "--editable is not possible here"],
    ["./wheels/a.whl", "a path does not travel with the environment"],
    ["file:///a.whl", "a path does not travel with the environment"],
    ["--frobnicate", 'pip has no list option "--frobnicate"'],
  ])("refuses the pip line %j and says what to do", (line, message) => {
    expect(problemsOf(`dependencies:\n- pip:\n  - ${line}\n`)).toEqual([expect.stringContaining(message)]);
  });

  it.each([
    "numpy",
    "numpy==1.19.2",
    "numpy>=1.19,<2",
    "numpy ~= 1.19",
    "Pillow[extra]!=8; python_version < '3.9'",
    "a_b.c-d===1!2.0+local",
    "--index-url https://example.org/simple",
    "--extra-index-url=https://example.org/simple",
    "--pre",
    "-f https://example.org/wheels",
    "git+https://example.org/a.git@v1#egg=a",
    "https://example.org/a-1.0-py3-none-any.whl",
    "a @ https://example.org/a.zip",
    "# only words",
  ])("takes the pip line %j", (line) => expect(problemsOf(`dependencies: [python, {pip: [${JSON.stringify(line)}]}]`)).toEqual([]));

  it("warns of a password in an address, which the run would keep", () => {
    const text = "dependencies:\n- pip:\n  - --index-url https://me:secret@example.org/simple\n";
    expect(problemsOf(text)).toEqual([expect.stringMatching(/^conda\.yml:3:5: warning: .*holds a password/)]);
    expect(problemsOf(text).join()).not.toContain("secret");
  });
});

describe("conda package", () => {
  it.each([
    ["numpy", { name: "numpy", version: null }],
    ["NumPy=1.19", { name: "numpy", version: "=1.19" }],
    ["numpy==1.19.2", { version: "==1.19.2" }],
    ["numpy>=1.19,<2", { version: ">=1.19,<2" }],
    ["numpy >=1.19, <2", { version: ">=1.19,<2" }],
    ["numpy 1.19.*", { version: "==1.19.*" }],
    ["numpy=1.19=py38_0", { version: "==1.19", build: "py38_0" }],
    ["numpy 1.19 py38_0", { version: "==1.19", build: "py38_0" }],
    ["conda-forge::numpy=1.19", { channel: "conda-forge", version: "=1.19" }],
    ["conda-forge/linux-64::numpy", { channel: "conda-forge/linux-64" }],
    ["numpy[version='>=1.19',build=py38_0]", { version: ">=1.19", build: "py38_0" }],
    ["numpy=1.19|=1.20", { version: "=1.19|=1.20" }],
    ["_libgcc_mutex=0.1", { name: "_libgcc_mutex" }],
  ])("%j", (text, spec) => expect(parseCondaSpec(text)).toMatchObject(spec));

  it.each(["", " ", "=1", "numpy=", "numpy>=", "numpy ==1 ==2", "a b c d", "numpy[", "numpy;x", "é", "a\nb"])("%j is none", (text) => {
    expect(parseCondaSpec(text)).toBeNull();
  });
});

describe("text for a conda builder", () => {
  it("leaves out the vendor's packages, names Python and pip, and drops the folder of another machine", () => {
    const conda = {
      name: "x",
      prefix: "/opt",
      channels: ["conda-forge"],
      dependencies: ["numpy", { pip: ["AzureML_Core[a]==1.0", "scipy", "--pre"] }],
    };
    expect(parse(condaTextFor(conda, "azureml_1"))).toEqual({
      name: "azureml_1",
      channels: ["conda-forge"],
      dependencies: ["python", "pip", "numpy"],
    });
  });

  it("wants no pip when nothing is left of its list", () => {
    const conda = { dependencies: ["python=3.11", { pip: ["--pre", "azureml-sdk[notebooks]", "azureml-core>=1"] }] };
    expect(parse(condaTextFor(conda))).toEqual({ dependencies: ["python=3.11"] });
  });
});
