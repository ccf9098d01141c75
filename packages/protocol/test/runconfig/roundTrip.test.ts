import { type JsonObject, type JsonValue, normaliseRunConfiguration, parseRunConfiguration, toWire, toYaml } from "@switchyard/protocol";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";

const hardTexts = [
  "1e3",
  "007",
  "on",
  "No",
  "null",
  "~",
  "",
  " ",
  "a: b",
  "# x",
  "- x",
  "*a",
  "&a",
  "!x",
  "%x",
  "@x",
  "`x",
  "'",
  '"',
  "a\nb",
  "a\r\nb\n",
  "\t",
  "\u2028",
  "2026-01-01",
  "0x1F",
  "1_0",
  ".5",
  ".inf",
  "<<",
  "{",
  "[",
  "|",
  ">",
  "\u0000",
  "\u0085",
  "\uFEFF",
  "😀",
  "x".repeat(200),
];
const texts = fc.oneof(
  fc.constantFrom(...hardTexts),
  fc.string({ unit: "grapheme", maxLength: 30 }),
  fc.string({ unit: "binary-ascii", maxLength: 10 }),
);
const words = fc.stringMatching(/^[A-Za-z][A-Za-z0-9_-]{0,12}$/);
const records = fc.dictionary(texts, texts, { maxKeys: 4 });
const json = fc.jsonValue({ maxDepth: 3, noUnicodeString: false }).map((value) => JSON.parse(JSON.stringify(value)) as JsonValue);
const others = fc.dictionary(
  words.map((word) => `x-${word}`),
  json,
  { maxKeys: 2 },
);

const python = fc.oneof(
  fc.record({ userManagedDependencies: fc.constant(true), interpreterPath: words }),
  fc.record({ condaDependenciesFile: words }),
  fc.record({
    condaDependencies: fc.record({
      dependencies: fc.constant(["python=3.11", { pip: ["numpy==1.19.2", "--pre"] }]),
      channels: fc.array(words),
    }),
  }),
);
const environment = fc
  .record(
    {
      name: words,
      version: texts,
      environmentVariables: records,
      python,
      docker: fc.record({ enabled: fc.boolean(), shmSize: texts, arguments: fc.array(texts) }),
    },
    { requiredKeys: ["python"] },
  )
  .chain((section) => others.map((more) => ({ ...more, ...section })));
const inputs = fc.dictionary(
  words,
  fc.record({ mechanism: fc.constantFrom("mount", "Direct"), pathOnCompute: texts, dataLocation: fc.record({ uri: texts }) }),
  { maxKeys: 2 },
);

/** Wire forms of everything a configuration may say, in any mix. */
const wires: fc.Arbitrary<JsonObject> = fc
  .record(
    {
      script: words,
      command: fc.oneof(texts, fc.array(texts)),
      arguments: fc.array(texts, { maxLength: 5 }),
      target: fc.constantFrom("cluster", "gpu box", "007"),
      framework: fc.constantFrom("python", "PYTORCH", "PythonMpi", "CNTK"),
      maxRunDurationSeconds: fc.oneof(fc.constant(null), fc.double({ min: 0.001, max: 1e9, noNaN: true })),
      nodeCount: fc.integer({ min: 1, max: 100 }),
      environmentVariables: records,
      environment,
      data: inputs,
      outputData: fc.dictionary(words, fc.record({ mechanism: fc.constant("upload") }), { maxKeys: 2 }),
      spark: fc.record({ configuration: records }),
      history: fc.record({ directoriesToWatch: fc.array(texts), enableMLflowTracking: fc.boolean() }),
      amlcompute: fc.record({ vmPriority: fc.constantFrom("Dedicated", null) }),
      containerInstance: fc.record({ cpuCores: fc.double({ min: 0.1, max: 64, noNaN: true }) }),
      identity: json,
      datacaches: fc.array(json, { maxLength: 2 }),
    },
    { requiredKeys: ["script", "target"] },
  )
  .chain((wire) => others.map((more) => ({ ...more, ...wire }) as JsonObject));

const configurations = wires.map(normaliseRunConfiguration);
const runs = { numRuns: 150 };

describe("a run configuration", () => {
  it("comes back from its annotated file as it was", () => {
    fc.assert(
      fc.property(configurations, (configuration) => {
        const back = parseRunConfiguration(toYaml(configuration), { file: "f" });
        expect(back.problems.filter((problem) => problem.severity === "error")).toEqual([]);
        expect(back.configuration).toEqual(configuration);
      }),
      runs,
    );
  });

  it("comes back from its wire form as it was, also over JSON text", () => {
    fc.assert(
      fc.property(configurations, (configuration) => {
        expect(normaliseRunConfiguration(JSON.parse(JSON.stringify(toWire(configuration))))).toEqual(configuration);
      }),
      runs,
    );
  });

  it("means the same to a reader of YAML 1.1, which is what Python's is", () => {
    fc.assert(
      fc.property(configurations, (configuration) => {
        const older = parse(toYaml(configuration), { version: "1.1" }) as JsonObject;
        expect(older.arguments).toEqual(configuration.arguments);
        expect(older.environmentVariables ?? {}).toEqual(configuration.environmentVariables);
      }),
      runs,
    );
  });

  it("writes each spelling where it belongs", () => {
    const configuration = normaliseRunConfiguration({ script: "a.py", target: "amlcompute", AMLCOMPUTE: { vmSize: "small" } });
    expect(toWire(configuration)).toHaveProperty("amlCompute.vmSize", "small");
    expect(parse(toYaml(configuration))).toHaveProperty("amlcompute.vmSize", "small");
  });

  it("writes later keys to a file only when they say something", () => {
    const plain = Object.keys(parse(toYaml(normaliseRunConfiguration({ script: "a.py" }))));
    expect(plain).not.toContain("commandReturnCodeConfig");
    const said = parse(toYaml(normaliseRunConfiguration({ script: "a.py", commandReturnCodeConfig: { successfulReturnCodes: [3] } })));
    expect(said.commandReturnCodeConfig).toEqual({ returnCode: "Zero", successfulReturnCodes: [3] });
  });

  it("keeps the section that its target needs", () => {
    const configuration = normaliseRunConfiguration({ script: "a.py", target: "containerinstance", containerInstance: {} });
    expect(parseRunConfiguration(toYaml(configuration), { file: "f" }).configuration).toEqual(configuration);
  });
});
