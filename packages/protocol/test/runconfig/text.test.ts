import { formatProblem, parseRunConfiguration } from "@switchyard/protocol";
import { describe, expect, it } from "vitest";

/** The problems of a text, one line each. */
function problemsOf(text: string | Uint8Array): string[] {
  return parseRunConfiguration(text, { file: "f" }).problems.map(formatProblem);
}
const valid = "script: train.py\nenvironment: {}\n";

describe("text of a run configuration", () => {
  it.each(["", "\n\n", "# only a comment\n", "---\n", "null\n"])("says that %j is empty", (text) => {
    expect(problemsOf(text)).toEqual([expect.stringMatching(/^f:\d:\d: error: the file is empty; .*script: train\.py/)]);
  });

  it.each(["- train.py\n", "train.py\n", "42\n"])("says that %j is no mapping", (text) => {
    expect(problemsOf(text)).toEqual([expect.stringMatching(/^f:1:1: error: expected a mapping/)]);
  });

  it("names both lines of a duplicate key", () => {
    expect(problemsOf(`${valid}target: a\nnodeCount: 1\ntarget: b\n`)).toEqual([
      'f:5:1: error: target: the key "target" was given before in line 3; keep one of the two',
    ]);
  });

  it("sees two spellings of one key as a duplicate", () => {
    expect(problemsOf(`${valid}nodeCount: 1\nnode_count: 2\n`)).toEqual([
      'f:4:1: error: node_count: the key "node_count" was given before in line 3 (as "nodeCount"); keep one of the two',
    ]);
  });

  it("finds duplicates in sections it does not know, and in JSON", () => {
    expect(problemsOf(`${valid}mine:\n  a: 1\n  a: 2\n`)).toContainEqual(expect.stringContaining("f:5:3: error: mine.a"));
    expect(problemsOf('{"script": "a.py",\n "environment": {},\n "script": "b.py"}')).toEqual([
      expect.stringContaining("f:3:2: error: script"),
    ]);
  });

  it("names the tab in an indentation", () =>
    expect(problemsOf("environment:\n\tpython: {}\n")).toContainEqual(expect.stringMatching(/^f:2:1: error: a tab/)));

  it("names the place of broken YAML and of broken JSON", () => {
    expect(problemsOf("script: [a\n")).toEqual([expect.stringMatching(/^f:2:1: error: this is not valid YAML/)]);
    expect(problemsOf('{"script": "a.py"')[0]).toMatch(/^f:1:\d+: error: this is not valid YAML/);
  });

  it("takes one document only", () =>
    expect(problemsOf(`${valid}---\nscript: b.py\n`)).toEqual([expect.stringMatching(/^f:3:1: error: a second document/)]));

  it("refuses tags of programs", () => {
    expect(problemsOf("script: !!python/object/apply:os.system [ls]\nenvironment: {}\n")).toContainEqual(
      expect.stringMatching(/error: .*remove the tag/),
    );
  });

  it("names the line of bytes that are not UTF-8", () => {
    const bytes = Buffer.concat([Buffer.from("script: a.py\narguments: ['"), Buffer.from([0xff]), Buffer.from("']\n")]);
    expect(problemsOf(bytes)).toEqual([expect.stringMatching(/^f:2:14: error: the file is not valid UTF-8/)]);
  });

  it("takes a byte order mark, Windows line ends and no last line end", () => {
    expect(problemsOf("\uFEFFscript: train.py\r\nenvironment: {}")).toEqual([]);
    expect(problemsOf(Buffer.from("\uFEFFscript: train.py\r\nenvironment: {}"))).toEqual([]);
  });

  it("follows anchors and merge keys", () => {
    const text = "base: &base {PATH_TO: x, SEED: 1}\nscript: a.py\nenvironment:\n  environmentVariables: {<<: *base, SEED: 2}\n";
    expect(parseRunConfiguration(text, { file: "f" }).configuration?.environment.environmentVariables).toEqual({ PATH_TO: "x", SEED: "2" });
    expect(problemsOf(`${valid}arguments: *nowhere\n`)).toEqual([expect.stringMatching(/error: arguments: the alias \*nowhere/)]);
  });

  it("refuses a text that stands for billions of values, quickly", () => {
    const levels = Array.from({ length: 12 }, (_, level) => `l${level + 1}: &l${level + 1} [${Array(9).fill(`*l${level}`).join(", ")}]`);
    const before = performance.now();
    expect(problemsOf(`l0: &l0 [x]\n${levels.join("\n")}\n${valid}`)).toEqual([
      expect.stringMatching(/error: the file stands for over 20000 values/),
    ]);
    expect(performance.now() - before).toBeLessThan(5_000);
    expect(problemsOf(`a: ${"[".repeat(10_000)}\n`)).toEqual([expect.stringMatching(/nested over 500 deep/)]);
    expect(problemsOf("a: b: c\n".repeat(30)).length).toBeLessThanOrEqual(10);
    expect(problemsOf("a: &a [*a]\n")).toEqual([expect.stringMatching(/nested over 64 deep/)]);
    expect(problemsOf(`script: ${"[".repeat(5_000)}`).length).toBeGreaterThan(0);
  });

  it("refuses a file that cannot be a configuration", () =>
    expect(problemsOf(`script: ${"x".repeat(2 ** 20)}`)).toEqual([expect.stringMatching(/^f:1:1: error: .*over 1048576 characters/)]));

  it("keeps numbers, dates and words of older YAML as they were typed where a text is wanted", () => {
    const text = `${valid}arguments: [1e3, 0x10, 007, 1_000, 1.0, 2026-01-01, on, no, y, 12345678901234567890, .5, -0, .inf]\n`;
    expect(parseRunConfiguration(text, { file: "f" }).configuration?.arguments).toEqual([
      "1e3",
      "0x10",
      "007",
      "1_000",
      "1.0",
      "2026-01-01",
      "on",
      "no",
      "y",
      "12345678901234567890",
      ".5",
      "-0",
      ".inf",
    ]);
  });

  it("reads numbers and words of older YAML as what they mean where that is wanted", () => {
    const text = `${valid}maxRunDurationSeconds: 1e3\nautoPrepareEnvironment: off\ncredentialPassthrough: 'Yes'\n`;
    expect(parseRunConfiguration(text, { file: "f" }).configuration).toMatchObject({
      maxRunDurationSeconds: 1000,
      autoPrepareEnvironment: false,
      credentialPassthrough: true,
    });
  });

  it.each([
    ["nodeCount: 0", "nodeCount: expected a whole number of at least 1, came the number 0"],
    ["nodeCount: 1.5", "nodeCount: expected a whole number of at least 1, came the number 1.5"],
    ["nodeCount: '2'", 'nodeCount: expected a whole number of at least 1, came the text "2"'],
    ["maxRunDurationSeconds: .nan", "maxRunDurationSeconds: expected a number of at least 0.001, came the number .nan"],
    ["maxRunDurationSeconds: -1", "maxRunDurationSeconds: expected a number of at least 0.001, came the number -1"],
    ["sourceDirectoryDataStore: 5", "sourceDirectoryDataStore: expected a text (put it in quotes), came the number 5"],
    ["credentialPassthrough: 1", "credentialPassthrough: expected true or false, came the number 1"],
    ["arguments: [null]", "arguments[0]: expected a text or a number, came nothing"],
    ["mpi: 4", "mpi: expected a mapping, came the number 4"],
    ["data: [a]", "data: expected a mapping of names to values, came a list"],
    [
      "data: {a: {mechanism: monut}}",
      'data.a.mechanism: expected one of Mount, Download, Direct, came the text "monut"; did you mean "Mount"?',
    ],
    ["framework: [a]", "framework: expected one of Python, PySpark, CNTK, TensorFlow, PyTorch, came a list"],
  ])("says what is wrong with %s", (line, message) => {
    const [problem] = parseRunConfiguration(`${valid}${line}\n`, { file: "f" }).problems;
    expect(problem).toMatchObject({ severity: "error", line: 3, message });
  });

  it("does not trip over a key named __proto__", () => {
    const { configuration } = parseRunConfiguration(`${valid}__proto__: {polluted: true}\nconstructor: 1\n`, { file: "f" });
    expect(Object.keys(configuration!.others)).toEqual(["__proto__", "constructor"]);
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });
});
