// Clients of another version against a real server: one minor version away they work, and a refusal says what may be behind it.
import { execFile } from "node:child_process";
import { resolve } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { LiveServer } from "../support/liveServer.ts";

const server = new LiveServer();
let token: string;
let version: string;
beforeAll(async () => {
  await server.start();
  const status = await server.client.serverStatus();
  version = status.version;
  token = (await server.client.createToken({ body: { note: "test" } })).secret;
});
afterAll(() => server.close());

const run = promisify(execFile);
const failed = (error: unknown) => error as { stdout: string; stderr: string; code: number };
const variables = () => ({ ...process.env, SWITCHYARD_URL: server.url, SWITCHYARD_TOKEN: token, SWITCHYARD_HOME: server.home });

/** `steps` minor versions from the server's */
function away(steps: number): string {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  return minor + steps >= 0 ? `${major}.${minor + steps}.7` : `${major - 1}.99.7`;
}

const python = (own: string, script: string) => {
  const text = `import switchyard_client.version as v\nv.VERSION = ${JSON.stringify(own)}\n${script}`;
  return run("python3", ["-c", text], { env: { ...variables(), PYTHONPATH: resolve("python") } }).catch(failed);
};
const cli = (own: string, ...words: string[]) =>
  run(process.execPath, ["--disable-warning=ExperimentalWarning", resolve("packages/cli/src/main.ts"), ...words], {
    env: { ...variables(), SWITCHYARD_VERSION: own },
  }).catch(failed);

const ASK = "from azureml.core import Workspace\nws = Workspace.get('default')\nprint(ws.name, len(ws.compute_targets))\n";
const REFUSED = "from switchyard_client.connect import connect\nconnect('default').ask('GET', '/api/v1/something-else')\n";

describe.each([
  ["older", -1],
  ["newer", 1],
])("a client one minor version %s than the server", (word, steps) => {
  const serverIs = word === "older" ? "newer" : "older";

  it("in Python: works, and says what may be behind a refusal", async () => {
    expect(await python(away(steps), ASK)).toMatchObject({ stdout: "default 0\n", stderr: "" });
    const { stderr } = await python(away(steps), REFUSED);
    expect(stderr).toContain(`is Switchyard ${version}, ${serverIs} than this client, ${away(steps)}`);
    expect(stderr).toContain(`pip install --index-url ${server.url}/pip/simple/`);
  });

  it("on the command line: works, and says what may be behind a refusal", async () => {
    const listed = await cli(away(steps), "run", "list", "--output", "json");
    expect({ stdout: JSON.parse(listed.stdout), stderr: listed.stderr }).toEqual({ stdout: [], stderr: "" });
    const { stderr } = await cli(away(steps), "run", "show", "-r", "none");
    expect(stderr).toContain(`is Switchyard ${version}, ${serverIs} than this program, ${away(steps)}`);
  });
});

describe("a client further away", () => {
  it("is warned once, in Python and on the command line, and goes on", async () => {
    const said = await python(away(4), ASK);
    expect(said.stdout).toBe("default 0\n");
    expect(said.stderr.match(/may misunderstand each other/g)).toHaveLength(1);
    const listed = await cli(away(4), "run", "list");
    expect(listed.stderr.match(/may misunderstand each other/g)).toHaveLength(1);
  });
});

it("a client of the server's own version hears nothing of versions", async () => {
  const { stderr } = await python(version, REFUSED);
  expect(stderr).toContain("There is no GET /api/v1/something-else here");
  expect(stderr).not.toContain("is Switchyard");
  const shown = await cli(version, "run", "show", "-r", "none");
  expect(shown.stderr).toContain('no run "none"');
  expect(shown.stderr).not.toContain("is Switchyard");
});
