import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Fields, integer, list, message, required, text } from "../../src/mlflow/fields.ts";
import { inputReader } from "../../src/mlflow/requestInput.ts";
import { TemporaryServer } from "../support/temporaryServer.ts";

let server: TemporaryServer;
beforeAll(async () => {
  server = await TemporaryServer.start();
});
afterAll(() => server.close());

const ask = (path: string, authorization?: string) =>
  fetch(server.server.url + path, authorization === undefined ? {} : { headers: { authorization } });

describe("MLflow's REST API", () => {
  it.each(["", "/mlflow/default"])("says that it is there, without a token, at %s", async (uri) => {
    expect(await (await ask(`${uri}/health`)).text()).toBe("OK");
    expect(await (await ask(`${uri}/version`)).text()).toMatch(/^\d+\.\d+\.\d+$/);
  });

  it.each(["/api/2.0/mlflow", "/ajax-api/2.0/mlflow", "/mlflow/default/api/2.0/mlflow", "/api/3.0/mlflow"])(
    "says what it lacks at %s",
    async (root) => {
      const response = await ask(`${root}/no/such/thing`);
      expect(response.status).toBe(404);
      expect(await response.json()).toMatchObject({ error_code: "ENDPOINT_NOT_FOUND", message: expect.stringContaining("/no/such/thing") });
    },
  );
});

describe("parameters of a request", () => {
  const read = (fields: Fields, body: string, query: object = {}) => inputReader(fields)({ body, query, params: {} } as never);
  const fields = { run_id: required(text), step: integer, tags: list(message({ key: required(text), value: text })) };

  it("are read from JSON and from a query, in either spelling", () => {
    expect(read(fields, '{"runId": "a", "step": "7", "tags": [{"key": "k", "value": ""}], "later": 1}')).toEqual({
      run_id: "a",
      step: 7,
      tags: [{ key: "k", value: "" }],
    });
    expect(read({ run_ids: list(text) }, "", { run_ids: "a" })).toEqual({ run_ids: ["a"] });
    expect(read(fields, '{"run_uuid": "old"}')).toMatchObject({ run_id: "old" });
    expect(read(fields, JSON.stringify('{"run_id": "twice"}'))).toMatchObject({ run_id: "twice" });
  });

  it.each([
    ['{"run_id": 9.0}', "Invalid value 9.0 for parameter 'run_id' supplied"],
    ['{"run_id": "a", "step": "foo"}', `Invalid value "foo" for parameter 'step' supplied`],
    ['{"run_id": "a", "step": 1.5}', "Invalid value 1.5 for parameter 'step' supplied"],
    ['{"run_id": "a", "tags": "5"}', `Invalid value "5" for parameter 'tags' supplied`],
    ['{"run_id": "a", "tags": [{"value": "v"}]}', "Missing value for required parameter 'tags[0].key'"],
    ['{"run_id": "a", "tags": [7]}', "Invalid value 7 for parameter 'tags[0]' supplied"],
    ["{}", "Missing value for required parameter 'run_id'"],
    ['{"run_id": null}', "Missing value for required parameter 'run_id'"],
    ["[]", "The request's body is to be a JSON object"],
    ['{"run_id": ', "The request's body is not JSON"],
  ])("are refused by name: %s", (body, words) => {
    expect(() => read(fields, body)).toThrow(words);
  });

  it("may hold numbers that only Python's JSON knows", () => {
    expect(read({ a: text }, '{"a": "NaN in a text", "b": NaN, "c": -Infinity}')).toEqual({ a: "NaN in a text" });
  });
});
