// What must not be seen, and who may still ask once a run is over.
import { readdirSync, readFileSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { Run } from "@switchyard/protocol";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { TemporaryServer } from "./support/temporaryServer.ts";

let server: TemporaryServer;
beforeAll(async () => {
  server = await TemporaryServer.start({
    logLevel: "trace",
    logTo: "file",
    keepRunDirectoriesSeconds: 1000,
    publicUrl: "https://runs.example.org/",
  });
});
afterAll(() => server.close());

const WS = "/workspaces/default";
const PASSWORD = "hush-4711-never-kept";

const configuration = (more: object = {}) => ({
  script: "train.py",
  framework: "Python",
  target: "local",
  environment: { python: { userManagedDependencies: true, interpreterPath: "python3" }, ...more },
});

async function runToTheEnd(script: string, environment: object = {}): Promise<{ run: Run; log: string }> {
  const snapshotId = await server.snapshotOf({ "train.py": script });
  const body = { experimentName: "secrets", runConfiguration: configuration(environment), snapshotId };
  const run = await server.get<Run>("POST", `${WS}/runs`, body);
  const log = await (await server.ask("GET", `${WS}/runs/${run.runId}/logs/stream`)).text();
  return { run, log };
}

describe("a registry's password", () => {
  const docker = { enabled: false, baseImageRegistry: { address: "r.example", username: "me", password: PASSWORD } };

  it("is in no answer and no file of the server, whoever sends it", async () => {
    const { run } = await runToTheEnd("print('done')\n", { docker });
    expect(run.warnings.join()).toContain("It was not kept");
    const definition = { name: "with-registry", python: { userManagedDependencies: true, interpreterPath: "python3" }, docker };
    const again = await server.get<Run>("POST", `${WS}/runs/${run.runId}/rerun`, {});
    await (await server.ask("GET", `${WS}/runs/${again.runId}/logs/stream`)).text(); // to its end: files come and go until then
    const answers = [
      JSON.stringify(run),
      JSON.stringify(await server.get("POST", `${WS}/environments`, definition)),
      await (await server.ask("GET", `${WS}/environments/with-registry/versions`)).text(),
      await (await server.ask("GET", `${WS}/environments`)).text(),
      await (await server.ask("GET", `${WS}/runs/${run.runId}`)).text(),
      await (await server.ask("GET", `${WS}/runs?includeChildren=true`)).text(),
      JSON.stringify(again),
    ];
    for (const answer of answers) expect(answer).not.toContain(PASSWORD);
    expect(answers[4]).toContain('"username":"me"');
    const files = readdirSync(server.home, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    const paths = files.map((entry) => join(entry.parentPath, entry.name));
    expect(paths.some((path) => path.endsWith("job.json"))).toBe(true);
    expect(paths.some((path) => path.endsWith("switchyard.db"))).toBe(true);
    expect(paths.filter((path) => readFileSync(path).includes(PASSWORD))).toEqual([]);
  });
});

describe("a registry's password that a run in a container needs", () => {
  const baseImageRegistry = { address: "127.0.0.1:9", username: "me", password: "hush-4713-sealed" };
  const docker = { enabled: true, baseImage: "team/none:1", baseImageRegistry };

  it("lies sealed in the database, and open only where the run's other secrets do, in a repetition too", async () => {
    const { run } = await runToTheEnd("print('done')\n", { docker });
    expect(run.warnings.join()).not.toContain("not kept");
    const again = await server.get<Run>("POST", `${WS}/runs/${run.runId}/rerun`, {});
    await (await server.ask("GET", `${WS}/runs/${again.runId}/logs/stream`)).text();
    const answers = [JSON.stringify(run), JSON.stringify(again), await (await server.ask("GET", `${WS}/runs/${run.runId}`)).text()];
    for (const answer of answers) expect(answer).not.toContain(baseImageRegistry.password);
    const files = readdirSync(server.home, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    const paths = files.map((entry) => join(entry.parentPath, entry.name));
    const found = paths.filter((path) => readFileSync(path).includes(baseImageRegistry.password));
    expect(found.map((path) => [basename(path), statSync(path).mode & 0o777])).toEqual([
      ["secret.sh", 0o600],
      ["secret.sh", 0o600],
    ]);
    expect(found.map((path) => basename(dirname(dirname(path)))).sort()).toEqual([run.runId, again.runId].sort());
  });
});

describe("a run's own token", () => {
  it("works while the script runs and ends with the run; people may go on logging", async () => {
    const { run, log } = await runToTheEnd(
      "import os\nprint('token', os.environ['AZUREML_RUN_TOKEN'], os.environ['AZUREML_SERVICE_ENDPOINT'])\n",
    );
    const [, secret = "", url] = /token (sy_\S+) ([^\s"\\]+)/.exec(log) ?? [];
    expect(url).toBe("https://runs.example.org");
    const at = `${WS}/runs/${run.runId}`;
    const headers = { authorization: `Bearer ${secret}` };
    await expect.poll(async () => (await server.ask("GET", at, undefined, headers)).status, { timeout: 20_000 }).toBe(401);
    const line = Buffer.from('{"n":1,"t":1,"k":"m","name":"late","v":1}\n');
    expect((await server.ask("POST", `${at}/journal?writer=late`, line, headers)).status).toBe(401);
    expect(await server.get("POST", `${at}/journal?writer=late`, line)).toEqual({ lastNumber: 1 });
  });
});

describe("reserved environment names", () => {
  it.each(["AzureML-Minimal", "microsoft-tools", "-x", "a/b"])("%s cannot be registered", async (name) => {
    const definition = { name, python: { userManagedDependencies: true, interpreterPath: "python3" } };
    expect(await server.problem("POST", `${WS}/environments`, definition)).toMatchObject({ status: 400, code: "bad_request" });
  });
});

describe("a file that a person adds to a run", () => {
  it("is announced to who follows the run", async () => {
    const { runId } = await server.get<Run>("POST", `${WS}/interactive-runs`, { experimentName: "files", snapshotId: null });
    const stop = new AbortController();
    const headers = { authorization: `Bearer ${server.server.token}` };
    const url = `${server.server.url}/api/v1${WS}/events?run=${runId}`;
    const stream = await fetch(url, { headers, signal: stop.signal });
    await server.get("PUT", `${WS}/runs/${runId}/files/notes/a.txt`, Buffer.from("x"));
    let told = "";
    for await (const bytes of stream.body as AsyncIterable<Uint8Array>) {
      told += Buffer.from(bytes).toString("utf8");
      if (told.includes("notes/a.txt")) break;
    }
    expect(told).toMatch(/event: files\n/);
    stop.abort();
  });
});
