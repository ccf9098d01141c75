import { describe, expect, it } from "vitest";
import { resolve } from "./resolve.ts";

const NAMES = ["submit", "run list", "run submit-script", "folder attach"];

describe("resolve", () => {
  it.each([
    [["submit", "train.py", "-o", "x"], "submit", ["train.py", "-o", "x"]],
    [["-w", "vision", "run", "--debug", "list", "--last", "3"], "run list", ["-w", "vision", "--debug", "--last", "3"]],
    [["--output=tsv", "run", "list"], "run list", ["--output=tsv"]],
    [["project", "attach", "-e", "x"], "folder attach", ["-e", "x"]],
    [["run", "submit", "-c", "local"], "run submit-script", ["-c", "local"]],
    [["help", "run", "list"], "run list", ["--help"]],
  ])("%j", (argv, name, rest) => {
    expect(resolve(argv, NAMES)).toEqual({ kind: "command", name, rest });
  });

  it("leaves what follows a command to it, whatever it is called", () => {
    expect(resolve(["submit", "train.py", "--help"], NAMES)).toMatchObject({ kind: "command", rest: ["train.py", "--help"] });
  });

  it("knows help, groups and the version", () => {
    expect(resolve([], NAMES)).toEqual({ kind: "help", group: "", asked: false });
    expect(resolve(["run", "-h"], NAMES)).toEqual({ kind: "help", group: "run", asked: true });
    expect(resolve(["--version"], NAMES)).toEqual({ kind: "version" });
  });

  it("refuses options before a command that not every command has", () => {
    expect(() => resolve(["--outptu", "json", "run", "list"], NAMES)).toThrow("Did you mean --output?");
    expect(() => resolve(["-e", "mnist", "run", "list"], NAMES)).toThrow("stand after its name");
  });

  it("refuses words that are no command", () => {
    expect(() => resolve(["sumbit"], NAMES)).toThrow('Did you mean "switchyard submit"');
    expect(() => resolve(["run", "frobnicate"], NAMES)).toThrow("`switchyard run --help` lists the commands");
  });
});
