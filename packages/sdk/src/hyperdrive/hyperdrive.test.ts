import { EXPRESSION_NAMES, normaliseSweep, POLICY_TYPES, SAMPLING_TYPES } from "@switchyard/protocol";
import { describe, expect, it } from "vitest";
import { SwitchyardClient } from "../client.ts";
import { sendJson, TinyServer } from "../testing/tinyServer.ts";
import * as hyperdrive from "./index.ts";

const {
  AshaPolicy, BanditPolicy, BayesianParameterSampling, choice, GridParameterSampling, HyperbandPolicy, HyperDriveConfig, HyperDriveRun, lognormal,
  loguniform, MedianStoppingPolicy, NoTerminationPolicy, normal, PrimaryMetricGoal, qlognormal, qloguniform, qnormal, quniform, RandomParameterSampling,
  randint, SobolParameterSampling, TruncationSelectionPolicy, uniform,
} = hyperdrive; // biome-ignore format: a list of names

const SPACE = {
  "--a": choice(16, 32), b: choice(["x", "y"]), c: randint(5), d: uniform(0, 1), e: quniform(0, 10, 2), f: loguniform(-6, -1), g: qloguniform(0, 3, 1),
  h: normal(0, 1), i: qnormal(0, 10, 5), j: lognormal(0, 1), k: qlognormal(0, 1, 0.5),
}; // biome-ignore format: one line tells the ten
const told = { primaryMetricName: "Accuracy", primaryMetricGoal: PrimaryMetricGoal.MAXIMIZE, maxTotalRuns: 8 };
const read = (config: InstanceType<typeof HyperDriveConfig>) => normaliseSweep(config.toJSON(), { rules: "own" }).configuration;

describe("HyperDriveConfig", () => {
  it("says every expression, sampling and policy as the server reads it", () => {
    const { sampling } = read(new HyperDriveConfig({ ...told, hyperparameterSampling: new RandomParameterSampling(SPACE, { seed: 4 }) }));
    expect(sampling.seed).toBe(4);
    expect(sampling.parameterSpace.map(({ name, expression }) => [name, expression])).toEqual(Object.entries(SPACE));
    expect(new Set(sampling.parameterSpace.map(({ expression: [name] }) => name))).toEqual(new Set(EXPRESSION_NAMES));
    const samplings = [
      new RandomParameterSampling(SPACE),
      new GridParameterSampling({ a: SPACE["--a"] }),
      new BayesianParameterSampling({ d: SPACE.d }, { startupTrials: 3 }),
      new SobolParameterSampling({ d: SPACE.d }),
    ];
    const types = samplings.map((hyperparameterSampling) => read(new HyperDriveConfig({ ...told, hyperparameterSampling })).sampling.type);
    expect(types.sort()).toEqual([...SAMPLING_TYPES].sort());
    const policies = [
      new BanditPolicy({ slackFactor: 0.1, evaluationInterval: 2 }),
      new MedianStoppingPolicy({ delayEvaluation: 5 }),
      new TruncationSelectionPolicy({ truncationPercentage: 20 }),
      new NoTerminationPolicy(),
      new AshaPolicy(),
      new HyperbandPolicy({ maxIntervals: 81 }),
    ];
    const hyperparameterSampling = new RandomParameterSampling({ d: SPACE.d });
    const read_ = policies.map((policy) => read(new HyperDriveConfig({ ...told, hyperparameterSampling, policy })).policy);
    expect(read_.map(({ type }) => type).sort()).toEqual([...POLICY_TYPES].sort());
    expect(read_[0]).toMatchObject({ slackFactor: 0.1, slackAmount: null, evaluationInterval: 2, delayEvaluation: 0 });
  });

  it("says limits and warm starts", () => {
    const limits = { maxConcurrentRuns: 2, maxDurationMinutes: 3, maxComputeHours: 1, maxTrialRetries: 1, replaceFailedTrials: true };
    const earlier = { resumeFrom: ["HD_a"], resumeChildRuns: ["HD_a_1"] };
    const hyperparameterSampling = new RandomParameterSampling({ d: SPACE.d });
    expect(read(new HyperDriveConfig({ ...told, ...limits, ...earlier, hyperparameterSampling }))).toMatchObject({ ...limits, ...earlier });
  });
});

it("says that a sweep makes no trials by itself: without a sampling, or when that only suggests", async () => {
  const bodies: { generates: boolean; sweep: { sampling: { parameterSpace: unknown[] } } }[] = [];
  const client = new SwitchyardClient({
    url: "http://nowhere",
    fetch: async (input, init) => {
      bodies.push(JSON.parse(await new Request(input, init).text()));
      return Response.json({ runId: "HD_a" });
    },
  });
  const sampling = new RandomParameterSampling({ d: SPACE.d });
  const run = { experimentName: "e", snapshotId: null, runConfiguration: {} };
  for (const asked of [
    { hyperparameterSampling: sampling },
    { hyperparameterSampling: sampling, generates: false },
    { hyperparameterSampling: null },
  ]) {
    await HyperDriveRun.submit(client, "default", run, new HyperDriveConfig({ ...told, ...asked }));
  }
  expect(bodies.map(({ generates, sweep }) => [generates, Object.keys(sweep.sampling.parameterSpace).length])).toEqual([
    [true, 1],
    [false, 1],
    [false, 0],
  ]);
});

describe("HyperDriveRun", () => {
  const trial = (n: number, score: number | null, state = "finished") => ({
    trial: n,
    runId: `HD_a_${n}`,
    values: { x: n },
    score,
    state,
    status: "Completed",
  });
  const sweep = {
    configuration: { primaryMetricGoal: "minimize" },
    trials: [trial(0, 3), trial(1, null, "failed"), trial(2, 1, "failed"), trial(3, 1, "stopped"), trial(4, 2)],
  };
  const client = new SwitchyardClient({
    url: "http://nowhere",
    fetch: async (input) => {
      const url = String(input instanceof Request ? input.url : input);
      return Response.json(url.includes("/runs/") ? { runId: url.split("/runs/")[1] } : sweep);
    },
  });
  const run = new HyperDriveRun(client, "default", "HD_a");

  it("ranks its trials: best first, the earliest of equals, those without the metric last", async () => {
    const ids = async (options = {}) => (await run.getChildrenSortedByPrimaryMetric(options)).map(({ runId }) => Number(runId.at(-1)));
    expect(await ids()).toEqual([2, 3, 4, 0, 1]);
    expect(await ids({ top: 2 })).toEqual([2, 3]);
    expect(await ids({ reverse: true })).toEqual([0, 4, 3, 2, 1]);
    expect(await ids({ discardNoMetric: true })).toEqual([2, 3, 4, 0]);
    expect((await run.getBestRunByPrimaryMetric())?.runId).toBe("HD_a_2");
    expect((await run.getBestRunByPrimaryMetric({ includeFailed: false }))?.runId).toBe("HD_a_3");
    expect((await run.getBestRunByPrimaryMetric({ includeFailed: false, includeCanceled: false }))?.runId).toBe("HD_a_4");
    expect(await run.getHyperparameters()).toMatchObject({ HD_a_1: { x: 1 } });
    expect(await run.getMetrics()).toEqual({ HD_a_0: 3, HD_a_2: 1, HD_a_3: 1, HD_a_4: 2 });
  });

  it("is waited for over a restart of the server", async () => {
    const server = await new TinyServer((_, response) => sendJson(response, { ...sweep, entries: 1, endTimeUtc: null })).start();
    const impatient = new SwitchyardClient({ url: server.url, retry: { forSeconds: 0.02, firstDelayMs: 10 } });
    let looks = 0;
    const over = new HyperDriveRun(impatient, "default", "HD_a").waitForCompletion(() => {
      if (looks++ > 0) return;
      const back = server.requests.length + 6;
      server.answerWith((_, response) => {
        if (server.requests.length < back) response.socket?.destroy();
        else sendJson(response, { ...sweep, entries: 2, endTimeUtc: "2020-01-01T00:00:00Z" });
      });
    });
    try {
      expect(await over).toMatchObject({ entries: 2 });
    } finally {
      await server.stop();
    }
  });
});
