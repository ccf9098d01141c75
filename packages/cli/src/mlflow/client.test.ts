import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { NotFound, Unauthenticated } from "@switchyard/protocol/errors";
import { afterEach, expect, it } from "vitest";
import { clientOf, MlflowRefusal } from "./client.ts";

let server: Server | undefined;
afterEach(() => void server?.close().closeAllConnections());

/** The address, without the `http://`, of a server that answers like this. */
async function listening(answer: RequestListener): Promise<string> {
  server = createServer(answer);
  await new Promise<void>((ready) => server!.listen(0, "127.0.0.1", ready));
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const ask = (address: string, env = {}) => clientOf(address, env).get<{ fine: boolean }>("runs/get", { run_id: "r" });

it("asks again while the server fails for a moment", async () => {
  let asked = 0;
  const host = await listening((_, response) => {
    asked += 1;
    if (asked === 1) response.writeHead(503).end("busy");
    else response.end('{"fine": true}');
  });
  expect(await ask(`http://${host}`)).toEqual({ fine: true });
  expect(asked).toBe(2);
});

it("says where a server fails that goes on failing", async () => {
  const host = await listening((_, response) =>
    response.writeHead(500).end('{"error_code": "INTERNAL_ERROR", "message": "disk I/O error"}'),
  );
  const error = await ask(`http://${host}`).catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(MlflowRefusal);
  expect((error as Error).message).toBe(`http://${host} failed at /api/2.0/mlflow/runs/get (500): disk I/O error`);
}, 60_000);

it.each([
  ["user:p%40ss", {}, "user:p@ss"],
  ["user:100%", {}, "user:100%"],
  ["", { MLFLOW_TRACKING_USERNAME: "me", MLFLOW_TRACKING_PASSWORD: "word" }, "me:word"],
])("logs in with %j and %j", async (inAddress, env, expected) => {
  const host = await listening((request, response) => {
    const [, given = ""] = /^Basic (.*)$/.exec(request.headers.authorization ?? "") ?? [];
    if (Buffer.from(given, "base64").toString() === expected) response.end('{"fine": true}');
    else response.writeHead(401).end();
  });
  const address = inAddress === "" ? `http://${host}` : `http://${inAddress}@${host}`;
  expect(await ask(address, env)).toEqual({ fine: true });
  expect(clientOf(address, env).url).toBe(`http://${host}`); // what is told and stored holds no password
});

it("says how to log in where that is wanted, and that a web page is no MLflow server", async () => {
  const locked = await listening((_, response) => response.writeHead(401).end());
  await expect(ask(`http://${locked}`)).rejects.toThrow(Unauthenticated);
  await expect(ask(`http://${locked}`)).rejects.toThrow("MLFLOW_TRACKING_TOKEN");
  server?.close();
  const page = await listening((_, response) => response.end("<html>"));
  await expect(ask(`http://${page}`)).rejects.toThrow("is no MLflow server");
  server?.close();
  const other = await listening((_, response) => response.writeHead(404).end());
  await expect(ask(`http://${other}`)).rejects.toThrow(NotFound);
});
