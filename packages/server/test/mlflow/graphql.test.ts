import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { TemporaryServer } from "../support/temporaryServer.ts";

let server: TemporaryServer;
beforeAll(async () => {
  server = await TemporaryServer.start();
});
afterAll(() => server.close());

async function post(path: string, body: object): Promise<{ data: never; errors: string[] | null }> {
  const headers = { authorization: `Bearer ${server.server.token}` };
  const response = await fetch(server.server.url + path, { method: "POST", headers, body: JSON.stringify(body) });
  expect(response.status).toBe(200);
  return (await response.json()) as never;
}
const graphql = (query: string, variables?: object) => post("/graphql", { query, variables });

describe("MLflow's GraphQL", () => {
  it("answers what the REST API answers, with NaN as nothing and 64 bits as text", async () => {
    const { run } = (await post("/api/2.0/mlflow/runs/create", { experiment_id: "0", run_name: "fine" })) as unknown as {
      run: { info: { run_id: string } };
    };
    const runId = run.info.run_id;
    const metrics = [
      { key: "a", value: 1.5, timestamp: 7, step: 2 },
      { key: "nan", value: "NaN", timestamp: 8 },
    ];
    await post("/api/2.0/mlflow/runs/log-batch", { run_id: runId, metrics });
    const query = `query q($id: String) { mlflowGetRun(input: {runId: $id}) { run { info { runName status } experiment { name }
      modelVersions { name } data { metrics { key value timestamp step } } } } }`;
    expect(await graphql(query, { id: runId })).toEqual({
      errors: null,
      data: {
        mlflowGetRun: {
          run: {
            info: { runName: "fine", status: "RUNNING" },
            experiment: { name: "Default" },
            modelVersions: [],
            data: {
              metrics: expect.arrayContaining([
                { key: "a", value: 1.5, timestamp: "7", step: "2" },
                { key: "nan", value: null, timestamp: "8", step: "0" },
              ]) as unknown,
            },
          },
        },
      },
    });
    expect(
      await graphql(`mutation { mlflowSearchRuns(input: {experimentIds: ["0"], filter: "metrics.a > 1"}) { runs { info { runId } } } }`),
    ).toMatchObject({
      data: { mlflowSearchRuns: { runs: [{ info: { runId } }] } },
    });
  });

  it.each([
    ["{", "Syntax Error"],
    ["{ nothing }", 'Cannot query field "nothing"'],
    [`{ mlflowGetRun(input: {runId: "none"}) { run { info { runId } } } }`, "Run with id=none not found"],
    [`{ mlflowGetExperiment(input: {}) { experiment { name } } }`, "Missing value for required parameter 'experiment_id'"],
    [`{ ${Array.from({ length: 11 }, (_, at) => `a${at}: test(inputString: "x") { output }`).join(" ")} }`, "at most 10 root fields"],
    [`{ test ${"{ a ".repeat(5000)} ${"}".repeat(5000)} }`, /maximum depth of 10|Syntax Error|call stack/],
  ])("says what is wrong: %.60s", async (query, words) => {
    const { errors } = await graphql(query);
    expect(errors?.[0]).toMatch(words);
    expect((await fetch(`${server.server.url}/health`)).status).toBe(200);
  });
});
