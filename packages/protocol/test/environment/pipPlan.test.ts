import { makeStandIn, pipPlan } from "@switchyard/protocol";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";

/** The plan for one conda package. */
function planFor(text: string) {
  return pipPlan({ dependencies: [text] });
}

describe("plan for pip", () => {
  it("keeps the order, takes the Python out and passes the pip list on", () => {
    const plan = pipPlan({
      channels: ["conda-forge", "pytorch"],
      dependencies: [
        "python=3.6.2",
        "pip=20.1.1",
        "numpy=1.19",
        "pytorch::pytorch",
        { pip: ["--pre", "scipy>=1 # why", "a @ https://example.org/a.zip"] },
      ],
    });
    expect(plan).toEqual({
      requirements: "numpy==1.19.*\ntorch\n--pre\nscipy>=1 # why\na @ https://example.org/a.zip\n",
      whyNot: null,
      python: "3.6.2",
      replaced: [],
      pins: {},
      afterConda: "--pre\nscipy>=1 # why\na @ https://example.org/a.zip\n",
    });
  });

  it.each([
    ["numpy", "numpy"],
    ["numpy=1.19", "numpy==1.19.*"],
    ["numpy=1.19.*", "numpy==1.19.*"],
    ["numpy=1.19.2", "numpy==1.19.2.*"],
    ["numpy==1.19.2", "numpy==1.19.2"],
    ["numpy 1.19.2", "numpy==1.19.2"],
    ["numpy 1.19.*", "numpy==1.19.*"],
    ["numpy=*", "numpy"],
    ["numpy>=1.19,<2", "numpy>=1.19,<2"],
    ["numpy>=1.19.*", "numpy>=1.19"],
    ["numpy!=1.19.*", "numpy!=1.19.*"],
    ["numpy~=1.19", "numpy~=1.19"],
    ["numpy=1.19,!=1.19.3", "numpy==1.19.*,!=1.19.3"],
    ["scipy=1.0rc1", "scipy==1.0rc1"],
    ["pytorch>=1.7", "torch>=1.7"],
    ["py-xgboost", "xgboost"],
    ["opencv=4.5", "opencv-python-headless==4.5.*"],
    ["conda-forge::librosa", "librosa"],
  ])("turns %s into %s", (conda, requirement) => expect(planFor(conda)).toMatchObject({ requirements: `${requirement}\n`, whyNot: null }));

  it.each([
    "cudatoolkit=10.1",
    "mkl",
    "openmpi",
    "r-base",
    "r-ggplot2=3.3",
    "gcc",
    "gcc_linux-64",
    "_libgcc_mutex=0.1",
    "libxgboost",
    "cuda-nvcc",
    "snappy",
    "conda",
  ])("cannot serve %s, and names it", (text) => {
    const plan = planFor(text);
    expect(plan.requirements).toBeNull();
    expect(plan.whyNot).toContain(text.split("=")[0]);
  });

  it.each(["numpy=1.19=py38_0", "numpy=1.19|=1.20", "openpyxl=1.1.1k", "not a package at all", "https://example.org/private::numpy"])(
    "says why not for %s",
    (text) => {
      expect(planFor(text)).toMatchObject({ requirements: null, whyNot: expect.stringMatching(/./) });
    },
  );

  it("names every reason at once, and a private channel without its password", () => {
    const { whyNot } = pipPlan({
      channels: ["https://me:secret@example.org/conda"],
      dependencies: ["mkl", "openmpi", { pip: ["-r more.txt"] }],
    });
    expect(whyNot).toMatch(/https:\/\/example\.org\/conda.*mkl.*openmpi.*-r more\.txt/);
    expect(whyNot).not.toContain("secret");
  });

  it.each([
    ["python", null],
    ["python=3", null],
    ["python=3.8", "3.8"],
    ["python=3.8.*", "3.8"],
    ["python==3.8.5", "3.8.5"],
    ["python 3.8.5", "3.8.5"],
    ["python=2.7", "2.7"],
    ["python>=3.6", null],
    ["python>=3", null],
  ])("reads the Python of %s as %s", (text, python) => expect(planFor(text)).toMatchObject({ python, whyNot: null }));

  it.each(["python>=3.9", "python<3.9", "python>=3.6,<3.9", "python=3.8|=3.9"])("wants a pinned Python instead of %s", (text) => {
    expect(planFor(text)).toMatchObject({ requirements: null, whyNot: expect.stringContaining("pin one, like python=3.11") });
  });

  it("never fetches the vendor's packages, however they are written", () => {
    const vendor = [
      "azureml-core",
      "azureml-defaults==1.0.72",
      "azureml-sdk[automl,notebooks]>=1.0 ; python_version > '3'",
      "AzureML_MLflow",
      "azureml.widgets~=1.0",
      "azureml-core @ https://example.org/a.whl",
      "azureml",
    ];
    const plan = pipPlan({ dependencies: ["python", "azureml-train", { pip: [...vendor, "azure-storage-blob", "myazureml-tools"] }] });
    expect(plan.replaced).toEqual([
      "azureml-train",
      "azureml-core",
      "azureml-defaults",
      "azureml-sdk",
      "AzureML_MLflow",
      "azureml.widgets",
      "azureml",
    ]);
    const [note, ...lines] = plan.requirements!.trim().split("\n");
    expect(note).toMatch(/^# served by Switchyard's own client, not fetched: azureml-train, azureml-core,/);
    // what the MLflow package of the vendor brings
    expect(lines).toEqual(["azure-storage-blob", "myazureml-tools", "mlflow-skinny"]);
  });

  it("puts in what scripts count on from the vendor's packages, unless it is there, and remembers their versions", () => {
    const plan = pipPlan({
      dependencies: [
        "python",
        "numpy=1.19",
        "azureml-sdk=1.0.85",
        { pip: ["azureml-dataset-runtime[pandas, fuse]~=1.37.0", "azureml-core>=1.2"] },
      ],
    });
    expect(plan.requirements?.split("\n").slice(1)).toEqual(["numpy==1.19.*", "pandas", ""]);
    expect(plan.afterConda.split("\n").slice(1)).toEqual(["pandas", ""]);
    expect(plan.pins).toEqual({ "azureml-dataset-runtime": "1.37.0", "azureml-sdk": "1.0.85" });
  });

  it("keeps the stand-ins in a list with hashes, with the hashes that they have", () => {
    const theirs = `azureml-core==1.37.0 --hash=sha256:${"0".repeat(64)}`;
    const { requirements } = pipPlan({ dependencies: [{ pip: [`foo==1.0 --hash=sha256:${"1".repeat(64)}`, theirs] }] });
    const { sha256 } = makeStandIn("azureml-core", "1.37.0+switchyard");
    expect(requirements?.split("\n").slice(1)).toEqual([
      `foo==1.0 --hash=sha256:${"1".repeat(64)}`,
      `azureml-core==1.37.0+switchyard --hash=sha256:${sha256}`,
      "",
    ]);
  });

  it("has nothing to install for an environment of vendor packages alone", () => {
    expect(pipPlan({ dependencies: ["python", "pip", { pip: ["azureml-defaults"] }] }).requirements).toMatch(/^#.*\n$/);
    expect(pipPlan({ dependencies: [] })).toEqual({ requirements: "", whyNot: null, python: null, replaced: [], pins: {}, afterConda: "" });
  });

  it("lets no line of a list become two, or an option", () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: "grapheme" })), fc.array(fc.string({ unit: "binary-ascii" })), (packages, pip) => {
        const { requirements } = pipPlan({ dependencies: [...packages, { pip }] });
        for (const line of requirements?.split("\n") ?? []) expect(line).not.toMatch(/\r|\0|^\s*(-r|-e|-c)/);
      }),
    );
    expect(planFor("numpy\n--index-url https://example.org").requirements).toBeNull();
    expect(pipPlan({ dependencies: [{ pip: ["numpy\n-r /etc/passwd"] }] }).requirements).toBeNull();
  });
});
