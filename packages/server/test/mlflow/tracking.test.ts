import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { TemporaryServer } from "../support/temporaryServer.ts";

let server: TemporaryServer;
beforeAll(async () => {
  server = await TemporaryServer.start();
});
afterAll(() => server.close());

interface Answer {
  readonly status: number;
  readonly body: Record<string, never> & { error_code?: string; message?: string };
}

async function ask(path: string, body?: object | string, token = server.server.token, root = "/api/2.0/mlflow"): Promise<Answer> {
  const content = body === undefined ? undefined : typeof body === "string" ? body : JSON.stringify(body);
  const response = await fetch(`${server.server.url}${root}/${path}`, {
    method: body === undefined ? "GET" : "POST",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    ...(content !== undefined && { body: content }),
  });
  return { status: response.status, body: (await response.json()) as Answer["body"] };
}

async function newRun(more: object = {}): Promise<string> {
  const { body } = await ask("runs/create", { experiment_id: "0", ...more });
  return (body as unknown as { run: { info: { run_id: string } } }).run.info.run_id;
}

const refused = (status: number, code: string, words: string | RegExp) => ({
  status,
  body: { error_code: code, message: typeof words === "string" ? expect.stringContaining(words) : expect.stringMatching(words) },
});
const invalid = (words: string | RegExp) => refused(400, "INVALID_PARAMETER_VALUE", words);

describe("signing in to MLflow's API", () => {
  const with_ = async (authorization?: string) =>
    (
      await fetch(
        `${server.server.url}/api/2.0/mlflow/experiments/get?experiment_id=0`,
        authorization ? { headers: { authorization } } : {},
      )
    ).status;
  const basic = (user: string, password: string) => `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;

  it("takes a token as a bearer's, and as anybody's password", async () => {
    const { token } = server.server;
    expect(await Promise.all([with_(`Bearer ${token}`), with_(basic("anybody", token)), with_(basic("", token))])).toEqual([200, 200, 200]);
    expect(await Promise.all([with_(), with_("Bearer no"), with_(basic("me", "no")), with_(basic(token, ""))])).toEqual([
      401, 401, 401, 401,
    ]);
  });

  it("keeps workspaces apart", async () => {
    await server.get("POST", "/workspaces", { name: "team" });
    const run = await newRun();
    expect(await ask(`runs/get?run_id=${run}`, undefined, undefined, "/mlflow/team/api/2.0/mlflow")).toMatchObject(
      refused(404, "RESOURCE_DOES_NOT_EXIST", "not found"),
    );
    expect((await ask(`runs/get?run_id=${run}`, undefined, undefined, "/mlflow/default/api/2.0/mlflow")).status).toBe(200);
    expect(await ask("experiments/get?experiment_id=0", undefined, undefined, "/mlflow/nowhere/api/2.0/mlflow")).toMatchObject(
      refused(404, "RESOURCE_DOES_NOT_EXIST", 'no workspace "nowhere"'),
    );
  });
});

describe("what MLflow's API refuses", () => {
  it.each([
    ["runs/log-metric", { run_id: 31, key: "m", value: 1, timestamp: 1 }, "Invalid value 31 for parameter 'run_id' supplied"],
    ["runs/log-metric", { run_id: "RUN", key: "m", value: "high", timestamp: 1 }, `Invalid value "high" for parameter 'value' supplied`],
    ["runs/log-metric", { run_id: "RUN", key: "m", value: 1, timestamp: -1 }, "Timestamp must be a nonnegative long"],
    ["runs/log-metric", { run_id: "RUN", key: "m", value: true, timestamp: 1 }, "Invalid value true for parameter 'value' supplied"],
    ["runs/log-metric", { run_id: "RUN", key: "../m", value: 1, timestamp: 1 }, "Names may be treated as files"],
    ["runs/log-metric", { run_id: "RUN", key: "a;b", value: 1, timestamp: 1 }, "Names may only contain"],
    ["runs/log-metric", { run_id: "RUN", key: "x".repeat(251), value: 1, timestamp: 1 }, "exceeds the maximum length of 250"],
    ["runs/log-batch", { run_id: "RUN", metrics: "foo" }, `Invalid value "foo" for parameter 'metrics' supplied`],
    ["runs/log-batch", { run_id: "RUN", metrics: [{ key: "m", value: 1 }] }, "Missing value for required parameter 'metrics[0].timestamp'"],
    [
      "runs/log-batch",
      {
        run_id: "RUN",
        params: [
          { key: "a", value: "1" },
          { key: "a", value: "1" },
        ],
      },
      "Duplicate parameter keys",
    ],
    [
      "runs/log-batch",
      { run_id: "RUN", tags: Array.from({ length: 101 }, (_, at) => ({ key: `t${at}`, value: "" })) },
      "at most 100 tags. Got 101 tags",
    ],
    ["runs/update", { run_id: "RUN", status: "DONE" }, `Invalid value "DONE" for parameter 'status' supplied`],
    ["runs/create", { experiment_id: "0", start_time: 1e18 }, "parameter 'start_time'"],
    ["runs/search", { experiment_ids: ["0"], max_results: 123456789 }, "Invalid value 123456789 for parameter 'max_results' supplied"],
    ["runs/search", { experiment_ids: ["0"], filter: "metrics.a > 1; DROP TABLE runs" }, "Invalid clause(s) in filter string"],
    ["experiments/create", { name: "x", artifact_location: "mlflow-artifacts:/elsewhere" }, "leave artifact_location out"],
    ["runs/log-model", { run_id: "RUN", model_json: "{" }, "is not a valid JSON"],
    [
      "runs/log-inputs",
      { run_id: "RUN", datasets: [{ dataset: { name: "n" } }] },
      "Missing value for required parameter 'datasets[0].dataset.digest'",
    ],
  ])("%s %j", async (path, body, words) => {
    const run = await newRun();
    expect(await ask(path, JSON.stringify(body).replaceAll("RUN", run))).toMatchObject(invalid(words));
  });

  it("a param of 10 MB, and nothing of its batch is kept", async () => {
    const run = await newRun();
    const huge = "x".repeat(10 * 1024 * 1024);
    expect(await ask("runs/log-parameter", { run_id: run, key: "p", value: huge })).toMatchObject(
      invalid("'value' exceeds the maximum length"),
    );
    const batch = { run_id: run, metrics: [{ key: "m", value: 1, timestamp: 1 }], params: [{ key: "p", value: huge }] };
    expect(await ask("runs/log-batch", batch)).toMatchObject(invalid("'params[0].value' exceeds the maximum length"));
    expect(await server.get("GET", `/workspaces/default/runs/${run}`)).toMatchObject({ params: {}, metrics: {} });
  });

  it("a body that is larger than a request may be", async () => {
    const body = `{"run_id": "${"x".repeat(40 * 1024 * 1024)}"}`;
    const answer = await ask("runs/log-batch", body).catch(() => null); // or the connection is cut before all was sent
    if (answer !== null) expect(answer).toMatchObject({ status: 400, body: { error_code: "INVALID_PARAMETER_VALUE" } });
    expect((await ask("experiments/get?experiment_id=0")).status).toBe(200);
  });

  it("more than 1,000 metrics in a batch; 1,000 are taken", async () => {
    const run = await newRun();
    const metrics = (count: number) => Array.from({ length: count }, (_, at) => ({ key: "m", value: at, timestamp: 1, step: at }));
    expect(await ask("runs/log-batch", { run_id: run, metrics: metrics(1001) })).toMatchObject(
      invalid("at most 1000 metrics. Got 1001 metrics"),
    );
    expect((await ask("runs/log-batch", { run_id: run, metrics: metrics(1000) })).status).toBe(200);
    expect(((await ask(`metrics/get-history?run_id=${run}&metric_key=m`)).body as unknown as { metrics: unknown[] }).metrics.length).toBe(
      1000,
    );
  });

  it("a param that changes", async () => {
    const run = await newRun();
    await ask("runs/log-parameter", { run_id: run, key: "lr", value: "1" });
    expect((await ask("runs/log-parameter", { run_id: run, key: "lr", value: "1" })).status).toBe(200);
    expect(await ask("runs/log-parameter", { run_id: run, key: "lr", value: "2" })).toMatchObject(
      invalid("Changing param values is not allowed"),
    );
  });

  it.each(["runs/get?run_id=none", "artifacts/list?run_id=none", "metrics/get-history?run_id=none&metric_key=m"])(
    "an unknown run: %s",
    async (path) => {
      expect(await ask(path)).toMatchObject(refused(404, "RESOURCE_DOES_NOT_EXIST", /not found|no run/));
    },
  );

  it("a deleted experiment, and a deleted run", async () => {
    const { experiment_id } = (await ask("experiments/create", { name: "doomed" })).body as unknown as { experiment_id: string };
    const run = await newRun({ experiment_id });
    await ask("experiments/delete", { experiment_id });
    expect(await ask("runs/create", { experiment_id })).toMatchObject(invalid("must be in the 'active' state"));
    expect(await ask("runs/log-metric", { run_id: run, key: "m", value: 1, timestamp: 1 })).toMatchObject(
      invalid("must be in the 'active' state"),
    );
    expect(await ask("runs/set-tag", { run_id: run, key: "t", value: "" })).toMatchObject(invalid("must be in the 'active' state"));
    expect(await ask("experiments/create", { name: "doomed" })).toMatchObject(refused(400, "RESOURCE_ALREADY_EXISTS", "already exists"));
    await ask("experiments/restore", { experiment_id });
    expect((await ask("runs/log-metric", { run_id: run, key: "m", value: 1, timestamp: 1 })).status).toBe(200);
  });

  it("paths of artifacts that lead elsewhere", async () => {
    const run = await newRun();
    for (const path of ["../x", "a/../../x", "/etc/passwd", "..%2f..%2fx", "%252e%252e/x", "a\\..\\x", "C:/x", "x#y"]) {
      const query = `run_id=${run}&path=${encodeURIComponent(path)}`;
      expect(await ask(`artifacts/list?${query}`), path).toMatchObject({
        status: 400,
        body: { error_code: "INVALID_PARAMETER_VALUE", message: "Invalid path" },
      });
      expect((await ask(`get-artifact?${query}`, undefined, undefined, "")).status, path).toBe(400);
    }
    const raw = await import("node:http").then(
      ({ request }) =>
        new Promise<number>((resolve) => {
          const { hostname, port } = new URL(server.server.url);
          const path = `/api/2.0/mlflow-artifacts/artifacts/0/${run}/artifacts/../../../../token`;
          const sent = request(
            { hostname, port, path, method: "PUT", headers: { authorization: `Bearer ${server.server.token}` } },
            (answer) => resolve(answer.statusCode ?? 0),
          );
          sent.end("x");
        }),
    );
    expect(raw).toBe(400);
  });
});

describe("MLflow's API", () => {
  it("keeps NaN and the infinities, times and steps as they were sent", async () => {
    const run = await newRun({ start_time: 456, run_name: "named", tags: [{ key: "mlflow.user", value: "ada" }] });
    const metrics = `[{"key":"m","value":NaN,"timestamp":1,"step":-2},{"key":"m","value":"Infinity","timestamp":"2","step":"3"},{"key":"m","value":-1e308,"timestamp":3}]`;
    expect((await ask("runs/log-batch", `{"run_id":"${run}","metrics":${metrics}}`)).status).toBe(200);
    expect((await ask(`metrics/get-history?run_id=${run}&metric_key=m`)).body).toEqual({
      metrics: [
        { key: "m", value: "NaN", timestamp: 1, step: -2 },
        { key: "m", value: "Infinity", timestamp: 2, step: 3 },
        { key: "m", value: -1e308, timestamp: 3, step: 0 },
      ],
    });
    const { info, data } = (await ask(`runs/get?run_id=${run}`)).body.run as unknown as { info: object; data: object };
    expect(info).toMatchObject({ start_time: 456, run_name: "named", user_id: "ada", status: "RUNNING", lifecycle_stage: "active" });
    expect(data).toMatchObject({ metrics: [{ key: "m", value: "Infinity", step: 3 }] });
  });

  it("lets a run of its clients end and go on; a child is a child in both worlds", async () => {
    const run = await newRun();
    const child = await newRun({ tags: [{ key: "mlflow.parentRunId", value: run }] });
    expect(await server.get("GET", `/workspaces/default/runs/${child}`)).toMatchObject({ parentRunId: run, runType: "azureml.childrun" });
    const statusAfter = async (status: string) => {
      await ask("runs/update", { run_id: run, status, end_time: 1_800_000_000_000 });
      return (await server.get<{ status: string }>("GET", `/workspaces/default/runs/${run}`)).status;
    };
    expect(await statusAfter("FAILED")).toBe("Failed");
    expect(await statusAfter("RUNNING")).toBe("Running");
    expect(await statusAfter("SCHEDULED")).toBe("Queued");
    expect(await statusAfter("KILLED")).toBe("Canceled");
    expect(await statusAfter("FINISHED")).toBe("Completed");
  });

  it("gives files of a run back whole, in part, in lists, and lets them go", async () => {
    const run = await newRun();
    const url = `${server.server.url}/api/2.0/mlflow-artifacts/artifacts/0/${run}/artifacts`;
    const headers = { authorization: `Bearer ${server.server.token}` };
    for (const path of ["a.txt", "dir/b.txt", "dir/deep/c.txt"])
      await fetch(`${url}/${path}`, { method: "PUT", headers, body: `of ${path}` });
    await fetch(`${url}/a.txt`, { method: "PUT", headers, body: "again" });
    expect(await (await fetch(`${url}/a.txt`, { headers })).text()).toBe("again");
    expect(await (await fetch(`${url}/dir/b.txt`, { headers: { ...headers, range: "bytes=3-5" } })).text()).toBe("dir");
    expect((await ask(`artifacts/list?run_id=${run}`)).body).toMatchObject({
      root_uri: `mlflow-artifacts:/0/${run}/artifacts`,
      files: [
        { path: "a.txt", is_dir: false, file_size: 5 },
        { path: "dir", is_dir: true },
      ],
    });
    expect((await ask(`artifacts/list?run_id=${run}&path=dir`)).body.files).toMatchObject([
      { path: "dir/b.txt" },
      { path: "dir/deep", is_dir: true },
    ]);
    expect((await ask(`artifacts/list?run_id=${run}&path=a.txt`)).body.files).toEqual([]);
    expect((await server.get<{ path: string }[]>("GET", `/workspaces/default/runs/${run}/files`)).map(({ path }) => path).sort()).toEqual([
      "a.txt",
      "dir/b.txt",
      "dir/deep/c.txt",
    ]);
    await fetch(`${url}/dir`, { method: "DELETE", headers });
    expect((await ask(`artifacts/list?run_id=${run}`)).body.files).toMatchObject([{ path: "a.txt" }]);
    expect((await fetch(`${url}/gone.txt`, { headers })).status).toBe(404);
    expect((await fetch(`${url}/attempts/1/x`, { method: "PUT", headers, body: "x" })).status).toBe(400);
  });
});
