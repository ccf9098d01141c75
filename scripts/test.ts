// `npm test`: every suite, with all set-up, and one last line "N passed, N failed" that adds them up.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

interface Tally {
  passed: number;
  failed: number;
}

const node = process.execPath;
const scratch = mkdtempSync(join(tmpdir(), "switchyard-test-"));
const suites: readonly { name: string; run: () => Tally }[] = [
  { name: "types", run: () => check([node, "node_modules/typescript/bin/tsc", "-p", "tsconfig.json"]) },
  { name: "lint and format", run: () => check([node, "node_modules/@biomejs/biome/bin/biome", "check", "--error-on-warnings"]) },
  { name: "Python client", run: pythonTests },
  { name: "TypeScript", run: vitest },
];

try {
  const scripts = ["test-setup.sh", "test-python.sh", "test-torch.sh", "test-spark.sh"];
  const isSetUp = scripts.every((script) => runs(["sh", `scripts/${script}`]));
  if (!isSetUp || !runs([node, "scripts/build.ts"])) finish({ passed: 0, failed: 1 });
  const total: Tally = { passed: 0, failed: 0 };
  for (const suite of suites) {
    console.log(`\n== ${suite.name}`);
    const tally = suite.run();
    console.log(`== ${suite.name}: passed ${tally.passed}, failed ${tally.failed}`);
    total.passed += tally.passed;
    total.failed += tally.failed;
  }
  finish(total);
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

function finish(total: Tally): never {
  rmSync(scratch, { recursive: true, force: true });
  console.log(`\n${total.passed} passed, ${total.failed} failed`);
  process.exit(total.failed === 0 && total.passed > 0 ? 0 : 1);
}

function runs(command: readonly string[], options: { cwd?: string } = {}): boolean {
  return spawnSync(command[0]!, command.slice(1), { stdio: "inherit", ...options }).status === 0;
}

/** A command that is one check. */
function check(command: readonly string[]): Tally {
  return runs(command) ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
}

/** unittest writes its count to standard error: "Ran 19 tests in 3.1s", then OK or FAILED (failures=1, errors=2). */
function pythonTests(): Tally {
  const python = resolve(".cache/test-python/bin/python"); // it has PyYAML, beside which our reader of YAML is tried
  const done = spawnSync(python, ["-m", "unittest", "discover", "-s", "tests", "-t", "."], { cwd: "python", encoding: "utf8" });
  process.stdout.write(done.stderr ?? String(done.error));
  const ran = Number(/^Ran (\d+) test/m.exec(done.stderr ?? "")?.[1] ?? 0);
  const count = (word: string) => Number(new RegExp(`${word}=(\\d+)`).exec(done.stderr ?? "")?.[1] ?? 0);
  const skipped = count("skipped");
  const failed = count("failures") + count("errors") + (process.env.CI ? skipped : 0);
  if (done.status !== 0 && failed === 0) return { passed: 0, failed: 1 };
  return { passed: Math.max(0, ran - failed - (process.env.CI ? 0 : skipped)), failed };
}

/** Files that do not even load count as failed; in CI a skipped test does too, since an engine was missing. */
function vitest(): Tally {
  const report = join(scratch, "vitest.json");
  const command = ["node_modules/vitest/vitest.mjs", "run", "--reporter=default", "--reporter=json", `--outputFile.json=${report}`];
  // Tests that start real servers take the bundle: that is what people run, and it starts faster.
  const env = { ...process.env, SWITCHYARD_SERVER_ENTRY: resolve("dist/package/dist/server.js") };
  const done = spawnSync(node, command, { stdio: "inherit", env });
  try {
    const result = JSON.parse(readFileSync(report, "utf8")) as VitestReport;
    const brokenFiles = result.testResults.filter(
      (file) => file.status === "failed" && file.assertionResults.every((one) => one.status !== "failed"),
    );
    const skipped = process.env.CI ? result.numPendingTests : 0;
    const failed = result.numFailedTests + brokenFiles.length + skipped;
    return { passed: result.numPassedTests, failed: failed === 0 && done.status !== 0 ? 1 : failed };
  } catch {
    return { passed: 0, failed: 1 };
  }
}

interface VitestReport {
  numPassedTests: number;
  numFailedTests: number;
  numPendingTests: number;
  testResults: { status: string; assertionResults: { status: string }[] }[];
}
