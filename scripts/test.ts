// `npm test`: every suite, with all set-up, and one last line "N passed, N failed" that adds them up. What has to be fetched is fetched
// while the code is checked, and what mostly waits runs beside what mostly works.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

interface Tally {
  passed: number;
  failed: number;
}

/** How a command ended, and what it said unless that went straight to the person. */
interface Ended {
  readonly ok: boolean;
  readonly said: string;
}

/** One after the other: they share a package manager and what they install. */
const FETCHES = ["test-setup.sh", "test-python.sh", "test-torch.sh", "test-spark.sh"];
const node = process.execPath;
const scratch = mkdtempSync(join(tmpdir(), "switchyard-test-"));
const total: Tally = { passed: 0, failed: 0 };

try {
  const fetching = run(["sh", "-ec", FETCHES.map((script) => `sh scripts/${script}`).join("; ")], { aside: true });
  const built = await run([node, "scripts/build.ts"]);
  await suite("types", () => check([node, "node_modules/typescript/bin/tsc", "-p", "tsconfig.json"]));
  await suite("lint and format", () => check([node, "node_modules/@biomejs/biome/bin/biome", "check", "--error-on-warnings"]));
  const fetched = await fetching;
  process.stdout.write(fetched.said);
  if (built.ok && fetched.ok) {
    const python = pythonTests();
    await suite("TypeScript", vitest);
    await suite("Python client", async () => {
      const { tally, said } = await python;
      process.stdout.write(said);
      return tally;
    });
  } else total.failed++;
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
console.log(`\n${total.passed} passed, ${total.failed} failed`);
process.exit(total.failed === 0 && total.passed > 0 ? 0 : 1);

async function suite(name: string, work: () => Promise<Tally>): Promise<void> {
  console.log(`\n== ${name}`);
  const tally = await work();
  console.log(`== ${name}: passed ${tally.passed}, failed ${tally.failed}`);
  total.passed += tally.passed;
  total.failed += tally.failed;
}

/** Runs a command to its end; with `aside` what it says is kept for later. */
async function run(
  command: readonly string[],
  { aside = false, ...options }: { aside?: boolean; cwd?: string; env?: NodeJS.ProcessEnv } = {},
): Promise<Ended> {
  const output = aside ? "pipe" : "inherit";
  const child = spawn(command[0]!, command.slice(1), { stdio: ["ignore", output, output], ...options });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream?.setEncoding("utf8").on("data", (text: string) => (said += text));
  try {
    const [code] = (await once(child, "close")) as [number | null];
    return { ok: code === 0, said };
  } catch (error) {
    return { ok: false, said: `${said}${command.join(" ")} did not start: ${String(error)}\n` };
  }
}

/** A command that is one check. */
async function check(command: readonly string[]): Promise<Tally> {
  return (await run(command)).ok ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
}

/** unittest writes its count to standard error: "Ran 19 tests in 3.1s", then OK or FAILED (failures=1, errors=2). */
async function pythonTests(): Promise<{ readonly tally: Tally; readonly said: string }> {
  const python = resolve(".cache/test-python/bin/python"); // it has PyYAML, beside which our reader of YAML is tried
  const { ok, said } = await run([python, "-m", "unittest", "discover", "-s", "tests", "-t", "."], { cwd: "python", aside: true });
  const ran = Number(/^Ran (\d+) test/m.exec(said)?.[1] ?? 0);
  const count = (word: string) => Number(new RegExp(`${word}=(\\d+)`).exec(said)?.[1] ?? 0);
  const skipped = count("skipped");
  const failed = count("failures") + count("errors") + (process.env.CI ? skipped : 0);
  if (!ok && failed === 0) return { tally: { passed: 0, failed: 1 }, said };
  return { tally: { passed: Math.max(0, ran - failed - (process.env.CI ? 0 : skipped)), failed }, said };
}

/** Files that do not even load count as failed; in CI a skipped test does too, since an engine was missing. */
async function vitest(): Promise<Tally> {
  const report = join(scratch, "vitest.json");
  const command = ["node_modules/vitest/vitest.mjs", "run", "--reporter=default", "--reporter=json", `--outputFile.json=${report}`];
  // Tests that start real servers take the bundle: that is what people run, and it starts faster.
  const env = { ...process.env, SWITCHYARD_SERVER_ENTRY: resolve("dist/package/dist/server.js") };
  const done = await run([node, ...command], { env });
  try {
    const result = JSON.parse(readFileSync(report, "utf8")) as VitestReport;
    const brokenFiles = result.testResults.filter(
      (file) => file.status === "failed" && file.assertionResults.every((one) => one.status !== "failed"),
    );
    const skipped = process.env.CI ? result.numPendingTests : 0;
    const failed = result.numFailedTests + brokenFiles.length + skipped;
    return { passed: result.numPassedTests, failed: failed === 0 && !done.ok ? 1 : failed };
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
