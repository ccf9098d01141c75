// Runs MLflow's own tests of tracking and registry against a server of ours, and prints what passed and why the rest did
// not. DIR is a checkout of MLflow; nothing in it is changed. See docs/mlflow.md for the results that we stand by.
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { LiveServer } from "../test/support/liveServer.ts";

const FILES = ["tests/tracking/test_rest_tracking.py", "tests/tracking/test_model_registry.py"];
const ROOT = resolve(import.meta.dirname, "..");

/** One test as the pytest plug-in reported it. */
interface Result {
  readonly file: string;
  readonly test: string;
  /** what else than tracking or registry it is about */
  readonly topic: string | null;
  readonly outcome: "passed" | "failed" | "skipped";
  readonly reason: string | null;
}

const [directory, ...pytestArguments] = process.argv.slice(2);
if (directory === undefined || !existsSync(join(directory, FILES[0] as string))) {
  console.error(
    `${directory === undefined ? "No checkout of MLflow was given" : `${directory} is no checkout of MLflow: it has no ${FILES[0]}`}.\n` +
      "Usage: scripts/run-mlflow-tests DIR. Obtain one, beside this repository, with:\n" +
      "  git clone --depth 1 --branch v3.17.2 https://github.com/mlflow/mlflow DIR\n" +
      "(only tests/ and mlflow/version.py of it are used; the client is the one of test/python/requirements.txt)",
  );
  process.exit(2);
}
process.exit(await main(resolve(directory)));

async function main(checkout: string): Promise<number> {
  spawnSync("sh", [join(ROOT, "scripts/test-python.sh")], { stdio: "inherit" });
  const folder = mkdtempSync(join(tmpdir(), "switchyard-mlflow-tests-"));
  process.chdir(checkout); // where their server would run, too
  const server = new LiveServer();
  try {
    await server.start();
    const report = join(folder, "report.jsonl");
    writeFileSync(report, "");
    runPytest(checkout, folder, report, server);
    return print(checkout, readResults(report));
  } finally {
    await server.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

function runPytest(checkout: string, folder: string, report: string, server: LiveServer): void {
  const { token } = server;
  const netrc = join(folder, "netrc");
  writeFileSync(netrc, `machine 127.0.0.1 login token password ${token}\n`, { mode: 0o600 });
  const python = join(ROOT, ".cache/test-python/bin/python");
  // their own package is appended to the path, so that `mlflow` is the client that our requirements pin
  const pytest = [
    "-m",
    "pytest",
    "--import-mode=append",
    "-p",
    "switchyard_pytest",
    "-q",
    "--no-header",
    "--tb=no",
    "--color=no",
    "-p",
    "no:cacheprovider",
  ];
  spawnSync(python, [...pytest, ...FILES.filter((file) => existsSync(join(checkout, file))), ...pytestArguments], {
    cwd: checkout,
    stdio: ["ignore", "inherit", "inherit"],
    env: {
      ...process.env,
      PYTHONPATH: [join(ROOT, "test/mlflow"), checkout].join(":"),
      NETRC: netrc,
      MLFLOW_TRACKING_TOKEN: token,
      MLFLOW_HTTP_REQUEST_MAX_RETRIES: "1",
      SWITCHYARD_TEST_URL: server.url,
      SWITCHYARD_TEST_TOKEN: token,
      SWITCHYARD_TEST_REPORT: report,
    },
  });
}

function readResults(report: string): Result[] {
  const lines = readFileSync(report, "utf8")
    .split("\n")
    .filter((line) => line !== "");
  const last = new Map(lines.map((line) => JSON.parse(line) as Result).map((result) => [`${result.file} ${result.test}`, result]));
  return [...last.values()];
}

function print(checkout: string, results: readonly Result[]): number {
  const ours = results.filter((result) => result.topic === null);
  console.log(`\nMLflow ${versionOf(checkout)} tests, client ${clientVersion()}:`);
  const rows = [...Map.groupBy(results, (result) => `${result.file}\t${result.topic ?? "tracking and registry"}`)].map(([key, own]) => {
    const count = (outcome: Result["outcome"]) => String(own.filter((result) => result.outcome === outcome).length);
    const [file, topic] = key.split("\t") as [string, string];
    return [file, topic, count("passed"), count("failed"), count("skipped")];
  });
  printTable([["file", "about", "passed", "failed", "skipped"], ...rows.sort()]);
  const failed = ours.filter((result) => result.outcome === "failed");
  for (const { file, test, reason } of failed) console.log(`  failed  ${file}::${test}\n          ${reason ?? ""}`);
  const counted = ours.filter((result) => result.outcome !== "skipped").length;
  const passed = counted - failed.length;
  console.log(
    `\n${passed} of ${counted} that do not concern traces, prompts or evaluation passed (${((100 * passed) / Math.max(1, counted)).toFixed(1)} %).`,
  );
  return counted > 0 && passed / counted >= 0.9 ? 0 : 1;
}

function printTable(rows: readonly (readonly string[])[]): void {
  const widths = (rows[0] as readonly string[]).map((_, column) => Math.max(...rows.map((row) => (row[column] as string).length)));
  for (const row of rows) console.log(`  ${row.map((cell, column) => cell.padEnd(widths[column] as number)).join("  ")}`);
}

function versionOf(checkout: string): string {
  const file = join(checkout, "mlflow/version.py");
  return (existsSync(file) && /VERSION = ["']([^"']+)/.exec(readFileSync(file, "utf8"))?.[1]) || "(unknown)";
}

function clientVersion(): string {
  const python = join(ROOT, ".cache/test-python/bin/python");
  const script = "import importlib.metadata as m; print(m.version('mlflow'))";
  return spawnSync(python, ["-c", script], { encoding: "utf8" }).stdout?.trim() ?? "(unknown)";
}
