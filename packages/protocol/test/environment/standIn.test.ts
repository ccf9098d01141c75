import {
  guardDockerfile,
  makeStandIn,
  makeWheel,
  pinsMentionedIn,
  STAND_IN_NAMES,
  standInConstraints,
  standInVersion,
} from "@switchyard/protocol";
import { unzipSync } from "fflate";
import { describe, expect, it } from "vitest";

const textOf = (bytes: Uint8Array, path: string) => new TextDecoder().decode(unzipSync(bytes)[path]);

describe("stand-ins for the vendor's packages", () => {
  it("are wheels without code, marked by their version, the same bytes each time", () => {
    const wheel = makeStandIn("AzureML_dataset.runtime", "1.37.0+switchyard");
    expect(wheel.file).toBe("azureml_dataset_runtime-1.37.0+switchyard-py3-none-any.whl");
    expect(Object.keys(unzipSync(wheel.bytes)).map((path) => path.split("/")[1])).toEqual(["METADATA", "WHEEL", "RECORD"]);
    const metadata = textOf(wheel.bytes, "azureml_dataset_runtime-1.37.0+switchyard.dist-info/METADATA");
    expect(metadata).toContain("Name: azureml-dataset-runtime\nVersion: 1.37.0+switchyard\n");
    expect(metadata).toContain('Requires-Dist: pandas; extra == "pandas"\n');
    expect(makeStandIn("azureml-dataset-runtime", "1.37.0+switchyard").sha256).toBe(wheel.sha256);
  });

  it("are all that constraints leave for these names", () => {
    const lines = standInConstraints({ "azureml-core": "1.37.0", "azureml-new": "2.0" }).trim().split("\n");
    expect(lines).toHaveLength(STAND_IN_NAMES.length + 1);
    expect(lines).toContain("azureml-core==1.37.0+switchyard");
    expect(lines).toContain("azureml-new==2.0+switchyard");
    expect(lines).toContain(`azureml-sdk==${standInVersion("azureml-sdk")}`);
  });

  it("have the versions that a Dockerfile asks for", () => {
    const text =
      "FROM x\nRUN pip install 'azureml-defaults==1.37.0.post1' \"azureml-dataset-runtime[fuse]~=1.30\" azureml-core>=1 myazureml-a==3\n";
    expect(pinsMentionedIn(text)).toEqual({ "azureml-defaults": "1.37.0.post1", "azureml-dataset-runtime": "1.30" });
  });
});

describe("a Dockerfile of somebody's own", () => {
  it("is held to the stand-ins in every stage, and nowhere else", () => {
    const text =
      "# syntax=docker/dockerfile:1\nARG X=1\nFROM \\\n  a:1 AS b\nRUN <<EOF\npsql -c 'select 1\nFROM t'\nEOF\nFROM c\nRUN pip install azureml-core\n";
    const lines = guardDockerfile(text).split("\n");
    const held = lines.flatMap((line, index) => (line.startsWith("COPY switchyard-packages ") ? [lines[index - 2]] : []));
    expect(held).toEqual(["  a:1 AS b", "FROM c"]);
    expect(guardDockerfile("FROM a\nCOPY x y\n")).toBe("FROM a\nCOPY x y\n");
  });
});

describe("wheel", () => {
  it("records every file with its hash, in one order", () => {
    const content = new TextEncoder().encode("x = 1\n");
    const about = { name: "a-b", version: "1.0", summary: "s", entryPoints: "[g]\nn = a.b\n" };
    const wheel = makeWheel(about, [
      ["b.py", content],
      ["a.py", content],
    ]);
    expect(Object.keys(unzipSync(wheel.bytes)).slice(0, 2)).toEqual(["a.py", "b.py"]);
    expect(textOf(wheel.bytes, "a_b-1.0.dist-info/RECORD")).toMatch(/^a\.py,sha256=[\w-]{43},6\n/);
    expect(textOf(wheel.bytes, "a_b-1.0.dist-info/entry_points.txt")).toContain("n = a.b");
    expect(
      makeWheel(about, [
        ["a.py", content],
        ["b.py", content],
      ]).sha256,
    ).toBe(wheel.sha256);
  });
});
