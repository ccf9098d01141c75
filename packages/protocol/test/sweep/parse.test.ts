import { describe, expect, it } from "vitest";
import { type JsonObject, normaliseSweep, parseSweep, type SweepRules, sweepConfiguration, trialArguments } from "../../src/index.ts";

const SEED = `
# hdconfig.yml
sampling: 
    type: random # Supported options: Random, Grid, Bayesian
    parameter_space: # specify a name|expression|values tuple for each parameter.
    - name: --penalty # The name of a script parameter to generate values for.
      expression: choice # supported options: choice, randint, uniform, quniform, loguniform, qloguniform, normal, qnormal, lognormal, qlognormal
      values: [0.5, 1, 1.5] # The list of values, the number of values is dependent on the expression specified.
policy: 
    type: BanditPolicy # Supported options: BanditPolicy, MedianStoppingPolicy, TruncationSelectionPolicy, NoTerminationPolicy
    evaluation_interval: 1 # Policy properties are policy specific. See the above link for policy specific parameter details.
    slack_factor: 0.2
primary_metric_name: Accuracy # The metric used when evaluating the policy
primary_metric_goal: Maximize # Maximize|Minimize
max_total_runs: 8 # The maximum number of runs to generate
max_concurrent_runs: 2 # The number of runs that can run concurrently.
max_duration_minutes: 100 # The maximum length of time to run the experiment before cancelling.
`;

function read(text: string, rules: SweepRules = "v1", fixedArguments: string[] = []) {
  return parseSweep(text, { file: "hdconfig.yml", rules, fixedArguments });
}

/** A sweep over the given lines of parameters, with the given lines at the top level. */
function sweep(parameters: string, { type = "random", rest = "", total = 40 } = {}): string {
  return `sampling:\n  type: ${type}\n  parameter_space:\n${parameters}\nprimary_metric_name: loss\nprimary_metric_goal: minimize\nmax_total_runs: ${total}\n${rest}`;
}

function one(expression: string, values: string, options: Parameters<typeof sweep>[1] = {}): string {
  return sweep(`  - {name: --x, expression: ${expression}, values: ${values}}`, options);
}

function messages(text: string, rules?: SweepRules, fixedArguments?: string[]): string[] {
  return read(text, rules, fixedArguments).problems.map((problem) => `${problem.line} ${problem.severity} ${problem.message}`);
}

describe("hdconfig.yml", () => {
  it("is read as the seed documents print it", () => {
    const { configuration, problems } = read(SEED);
    expect(problems).toEqual([]);
    expect(configuration).toEqual({
      sampling: {
        type: "random",
        seed: null,
        multivariate: null,
        startupTrials: null,
        parameterSpace: [{ name: "--penalty", expression: ["choice", [[0.5, 1, 1.5]]], when: null }],
        properties: {},
      },
      policy: { type: "BanditPolicy", evaluationInterval: 1, delayEvaluation: 0, slackFactor: 0.2, slackAmount: null },
      primaryMetricName: "Accuracy",
      primaryMetricGoal: "maximize",
      maxTotalRuns: 8,
      maxConcurrentRuns: 2,
      maxDurationMinutes: 100,
      maxComputeHours: null,
      maxTrialRetries: 0,
      replaceFailedTrials: false,
      resumeFrom: [],
      resumeChildRuns: [],
    });
  });

  it("takes its words in upper and lower case, and the names of v1's classes", () => {
    const text = SEED.replace("type: random", "type: RandomParameterSampling")
      .replace("choice #", "CHOICE #")
      .replace("BanditPolicy #", "banditpolicy #");
    expect(read(text.replace("Maximize #", "MINIMIZE #")).configuration).toMatchObject({
      sampling: { type: "random" },
      policy: { type: "BanditPolicy" },
      primaryMetricGoal: "minimize",
    });
  });

  it("is the same after it was stored and read again", () => {
    const text = sweep(`  - {name: a, expression: choice, values: [1.0, 3, two, [1.0, 2]]}
  - {name: b, expression: quniform, values: [0, 1e1, 2.0]}
  - name: model
    expression: choice
    values:
    - {lr: {expression: loguniform, values: [-5, -1]}, kind: [choice, [a, b]]}
    - {expression: uniform, values: [0, 1]}
  - {name: c, expression: uniform, values: [0, 1], when: {parameter: a, in: [two, 1.0]}}`);
    const first = read(text, "own").configuration!;
    expect(first.sampling.parameterSpace[0]!.expression).toEqual(["choice", [[{ float: 1 }, 3, "two", [{ float: 1 }, 2]]]]);
    expect(first.sampling.parameterSpace[2]!.expression).toEqual([
      "choice",
      [
        [
          {
            space: [
              { name: "lr", expression: ["loguniform", [-5, -1]], when: null },
              { name: "kind", expression: ["choice", [["a", "b"]]], when: null },
            ],
          },
          { expression: ["uniform", [0, 1]] },
        ],
      ],
    ]);
    const stored = JSON.parse(JSON.stringify(first)) as JsonObject;
    expect(normaliseSweep(stored, { rules: "own" }).configuration).toEqual(first);
    expect(sweepConfiguration.parse(stored)).toEqual(first);
  });

  it("is also read as JSON with the stored form of expressions and a mapping of names", () => {
    const json = {
      sampling: {
        type: "Random",
        properties: { seed: 7, other: 1 },
        parameterSpace: { "--lr": ["uniform", [0, 1]], batch: ["choice", [[16, 32]]], fixed: 3 },
      },
      primary_metric_name: "loss",
      primaryMetricGoal: "min",
      maxTotalRuns: 3,
    };
    const { configuration } = normaliseSweep(json, { rules: "v1" });
    expect(configuration.sampling.parameterSpace.map(({ expression }) => expression)).toEqual([
      ["uniform", [0, 1]],
      ["choice", [[16, 32]]],
      ["choice", [[3]]],
    ]);
    expect(configuration).toMatchObject({
      sampling: { seed: 7, properties: { other: 1 } },
      policy: { type: "NoTerminationPolicy" },
      maxDurationMinutes: 10_080,
    });
  });
});

describe("bad input", () => {
  it("names what is missing, all at once", () => {
    expect(messages("sampling: {}\n").map((message) => message.split(": ")[0])).toEqual([
      "1 error sampling.type",
      "1 error sampling.parameter_space",
      "1 error primary_metric_name",
      "1 error primary_metric_goal",
      "1 error max_total_runs",
    ]);
    expect(messages("")[0]).toContain("the file is empty");
  });

  it.each([
    ["unifrm", "[0, 1]", /expected one of choice.*came the text "unifrm"; did you mean "uniform"\?/],
    ["uniform", "[1]", /uniform needs 2 values \[min, max\], came 1/],
    ["quniform", "[0, 1]", /quniform needs 3 values \[min, max, q\], came 2/],
    ["randint", "[1, 2]", /randint needs 1 value \[upper\], came 2/],
    ["randint", "[0.5]", /upper must be a whole number of at least 1, came 0.5/],
    ["uniform", "[2, 1]", /min 2 is above max 1; exchange the two/],
    ["uniform", "[a, 1]", /values\[0\]: expected a number, came the text "a"/],
    ["uniform", "[-1.0e308, 1.0e308]", /too wide/],
    ["quniform", "[0, 1, 0]", /q is 0; it must be above 0/],
    ["loguniform", "[-.inf, 0]", /the logarithm of 0/],
    ["loguniform", "[-800, 0]", /e\^-800 is 0/],
    ["loguniform", "[1, 1000]", /e\^1000 is too large for a number; for values from 1 to 1000 give \[0, 6.90776\]/],
    ["qlognormal", "[0, 100, 1]", /too large for a number/],
    ["normal", "[0, 0]", /sigma is 0/],
    ["normal", "[.nan, 1]", /not a finite number/],
    ["choice", "[]", /choice needs a list of at least one option/],
    ["choice", "5", /choice needs a list of at least one option, came the number 5/],
    ["choice", "[.nan]", /not a number that a script could use/],
    [
      "choice",
      "[1, 9007199254740993]",
      /values\[1\]: 9007199254740993 is beyond 9007199254740991, where JSON loses digits; put it in quotes/,
    ],
  ])("%s %s", (expression, values, message) => {
    const { configuration, problems } = read(one(expression, values));
    expect(configuration).toBeNull();
    expect(problems.find((problem) => problem.severity === "error")).toMatchObject({ message: expect.stringMatching(message), line: 4 });
  });

  it("warns of values where logarithms are wanted", () => {
    expect(messages(one("loguniform", "[0.0001, 0.1]"))).toEqual([
      "4 warning sampling.parameter_space[0] (--x).values: the arguments of loguniform are logarithms: values will be from 1.0001 to 1.10517; for values from 0.0001 to 0.1 give [-9.21034, -2.30259]",
    ]);
  });

  it("takes long whole numbers as texts, and as floats", () => {
    const { configuration } = read(one("choice", '["9007199254740993", 1.0e+20]'));
    const arguments_ = (value: string | number) =>
      trialArguments(configuration!.sampling.parameterSpace, { values: { "--x": value }, branches: {} });
    expect(arguments_("9007199254740993")).toEqual(["--x", "9007199254740993"]);
    expect(arguments_(1e20)).toEqual(["--x", "1e+20"]);
  });

  it("counts options that are the same value once, so that no combination comes twice", () => {
    const { configuration, problems } = read(one("choice", "[1, 1.0, 2, 1]"));
    expect(configuration!.sampling.parameterSpace[0]!.expression).toEqual(["choice", [[1, 2]]]);
    expect(problems.map(({ message }) => message)).toEqual([
      expect.stringMatching(/values\[1\]: 1 is an option already; it counts once/),
      expect.stringMatching(/values\[3\]: 1 is an option already; it counts once/),
    ]);
  });

  it("finds two parameters of one name, with and without dashes", () => {
    const text = sweep("  - {name: --x, expression: randint, values: [3]}\n  - {name: x, expression: randint, values: [3]}");
    expect(messages(text)).toEqual([
      '5 error sampling.parameter_space[1]: "--x" was given before in sampling.parameter_space[0]; keep one of the two',
    ]);
    const branches = sweep("  - {name: m, expression: choice, values: [{lr: [uniform, [0, 1]]}, {lr: [uniform, [1, 2]]}]}");
    expect(messages(branches, "own")).toEqual([]);
  });

  it("refuses an argument that is both in the run configuration and in the space", () => {
    for (const fixed of [["--x", "3"], ["--x=3"]]) {
      expect(messages(one("randint", "[3]"), "own", fixed)).toEqual([
        '4 error sampling.parameter_space[0]: the run configuration gives the argument "--x" to all trials, so the space cannot vary it; remove it from one of the two',
      ]);
    }
    expect(messages(one("randint", "[3]"), "own", ["--xy", "x"])).toEqual([]);
  });

  it("refuses the argument by which trials that go on are told where from", () => {
    const goesOn = one("randint", "[3]", { rest: "resume_child_runs: [HD_1_0]" });
    const ours = [expect.stringMatching(/error resume_child_runs: .* by "--resume-from"; take it out of the arguments and the space$/)];
    expect(messages(goesOn, "own", ["--resume-from=x"])).toEqual(ours);
    expect(messages(goesOn.replace(/name: -*x/, "name: resume-from"), "own")).toEqual(ours);
    expect(messages(goesOn, "own", ["--resume-from-where", "x"])).toEqual([]);
    expect(messages(one("randint", "[3]"), "own", ["--resume-from", "x"])).toEqual([]);
  });

  it("refuses a grid over a continuous range under all rules, and over other finite values under those of v1", () => {
    expect(messages(one("uniform", "[0, 1]", { type: "grid" }), "own")[0]).toContain('a grid needs "choice" with the values to try');
    expect(messages(one("quniform", "[0, 1, 0.5]", { type: "grid" }), "v1")[0]).toContain(
      'error sampling.parameter_space: "--x" is quniform; a grid takes "choice" only',
    );
    expect(messages(one("quniform", "[0, 1, 0.5]", { type: "grid" }), "own")[0]).toContain("in Azure ML v1; Switchyard allows it");
  });

  it("refuses for Bayesian sampling what v1 did, and notes it under our own rules", () => {
    const rest = "policy: {type: BanditPolicy, slack_amount: 0.1}\nmax_concurrent_runs: 2";
    const text = one("normal", "[0, 1]", { type: "bayesian", total: 10, rest });
    expect(messages(text, "v1")).toEqual([
      '4 error sampling.parameter_space: "--x" is normal; Bayesian sampling takes choice, uniform and quniform only; use one of them, or random sampling',
      "7 warning max_total_runs: 10 runs are few for Bayesian sampling of 1 parameter; 20 or more are recommended",
      "8 error policy: Bayesian sampling does not go with early termination; leave the policy out, or use random sampling",
    ]);
    const own = read(text, "own");
    expect(own.configuration).not.toBeNull();
    expect(own.problems.map(({ severity }) => severity)).toEqual(["warning", "warning", "warning"]);
  });

  it.each([
    ["policy: {type: BanditPolicy}", /needs slack_factor or slack_amount/],
    ["policy: {type: BanditPolicy, slack_factor: 0.1, slack_amount: 1}", /exclude each other/],
    ["policy: {type: BanditPolicy, slack_factor: -0.1}", /policy.slack_factor: came -0.1; it must be at least 0/],
    ["policy: {type: TruncationSelectionPolicy}", /needs a whole number from 1 to 99/],
    ["policy: {type: TruncationSelectionPolicy, truncation_percentage: 100}", /from 1 to 99, came 100/],
    ["policy: {type: BandtPolicy}", /did you mean "BanditPolicy"\?/],
    ["policy: {slack_factor: 0.1}", /which policy\?/],
    ["policy: {type: MedianStoppingPolicy, evaluation_interval: 0}", /a whole number of at least 1/],
    ["policy: {type: HyperbandPolicy}", /needs max_intervals/],
    ["policy: {type: AshaPolicy, reduction_factor: 1}", /it must be at least 2/],
    ["max_duration_minutes: 0", /a number above 0/],
    ["max_compute_hours: -1", /above 0/],
    ["max_concurrent_runs: 0", /a whole number of at least 1/],
    ["max_concurrent_runs: 101", /at most 100 runs at a time/],
    ["resume_from: [a, b, c, d, e, f]", /at most 5 earlier sweeps/],
    ["resume_child_runs: [a, a]", /a is named twice/],
  ])("%s", (rest, message) => {
    const { configuration, problems } = read(one("uniform", "[0, 1]", { rest }));
    expect(configuration).toBeNull();
    expect(problems.map((problem) => problem.message).join("\n")).toMatch(message);
  });

  it("warns of Bayesian sampling that chooses everything at once", () => {
    const warned = (rest: string) => messages(one("uniform", "[0, 1]", { type: "bayesian", total: 40, rest }), "v1");
    const message =
      "max_concurrent_runs: all 40 runs are chosen at once, before any has a result to learn from; max_concurrent_runs: 4 lets";
    expect(warned("")).toEqual([expect.stringContaining(`7 warning ${message}`)]);
    expect(warned("max_concurrent_runs: 40")).toEqual([expect.stringContaining(`8 warning ${message}`)]);
    expect(warned("max_concurrent_runs: 39")).toEqual([]);
  });

  it("names what was probably meant as the file writes its keys", () => {
    const [told] = messages(one("uniform", "[0, 1]", { rest: "max_concurent_runs: 3" }));
    expect(told).toContain('unknown key "max_concurent_runs", kept but not used; did you mean "max_concurrent_runs"?');
    const [ours] = messages(one("uniform", "[0, 1]", { rest: "maxConcurentRuns: 3" }));
    expect(ours).toContain('did you mean "maxConcurrentRuns"?');
  });

  it("says which keys a policy does not use", () => {
    const rest = "policy: {type: MedianStoppingPolicy, delay_evaluation: 5, slack_factor: 0.1}";
    expect(messages(one("uniform", "[0, 1]", { rest }))).toEqual([
      "8 warning policy.slack_factor: MedianStoppingPolicy does not use it; it is told evaluationInterval, delayEvaluation",
    ]);
  });

  it("checks the conditions of parameters", () => {
    const space = (when: string) =>
      sweep(`  - {name: opt, expression: choice, values: [sgd, adam]}\n  - {name: m, expression: uniform, values: [0, 1], when: ${when}}`);
    expect(read(space("{parameter: opt, in: [sgd]}"), "own").configuration!.sampling.parameterSpace[1]!.when).toEqual({
      parameter: "opt",
      in: ["sgd"],
    });
    expect(messages(space("{parameter: opt, in: [sgd]}"), "v1")[0]).toContain("error");
    expect(messages(space("{parameter: opt, in: [sgd]}"), "own")).toEqual([]); // ours, and meant
    expect(messages(space("{parameter: optt, in: [sgd]}"), "own")[0]).toContain('there is no parameter "optt"; did you mean "opt"?');
    expect(messages(space("{parameter: opt, in: [rmsprop]}"), "own").at(-1)).toContain('"opt" is never "rmsprop"');
    expect(messages(space("{parameter: m, in: [1]}"), "own").at(-1)).toContain('"m" depends on itself');
    expect(messages(space("{parameter: opt}"), "own")[0]).toContain("expected {parameter: NAME, in: [VALUE, …]}");
  });

  it("says one thing of a key once, however it was written", () => {
    const json = {
      sampling: { type: "random", parameterSpace: { x: ["uniform", [0, 1]] } },
      primaryMetricName: "a",
      primaryMetricGoal: "best",
    };
    expect(() => normaliseSweep({ ...json, maxTotalRuns: 0 }, { rules: "own" })).toThrow(
      /^The sweep cannot be used: primaryMetricGoal: expected one of maximize, minimize, came the text "best"; maxTotalRuns: expected a whole number of at least 1, came the number 0\.$/,
    );
  });

  it("throws for JSON with every error in one message", () => {
    const json = { sampling: { type: "random", parameterSpace: { x: ["unifrm", [0, 1]], y: ["uniform", [0]] } }, maxTotalRuns: 3 };
    expect(() => normaliseSweep(json, { rules: "own" })).toThrow(/did you mean "uniform".*uniform needs 2 values.*primary_metric_name/s);
  });
});
