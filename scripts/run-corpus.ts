// `scripts/run-corpus DIR… [ROW…]`: public notebooks and scripts of the v1 world, unmodified, each against a server of its own.
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { appendFileSync, chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { disappointment } from "../test/corpus/aftermath.ts";
import { checkOut, makeCorpusPython, startMirror } from "../test/corpus/fixtures.ts";
import { NOTEBOOKS, ROWS, type Row } from "../test/corpus/rows.ts";
import { Surroundings, type World } from "../test/corpus/surroundings.ts";

const MINUTES = 8;

interface Outcome {
  readonly row: Row;
  passed: number;
  total: number;
  error: string | null;
  seconds: number;
}

const given = process.argv.slice(2);
const wanted = given.filter((word) => ROWS.some(({ id }) => id === word));
const repositories = given.filter((word) => !wanted.includes(word));
const absent = repositories.filter((folder) => !existsSync(folder));
if (repositories.length === 0 || absent.length > 0) {
  console.log(`Skipped: ${absent.length === 0 ? "no folder was named" : `${absent.join(", ")} is not there`}. The corpus is a clone with its whole history:
    git clone ${NOTEBOOKS}
    scripts/run-corpus MachineLearningNotebooks`);
  process.exit(0);
}
const rows = ROWS.filter(({ id }) => wanted.length === 0 || wanted.includes(id));
execFileSync("sh", ["scripts/test-python.sh"], { stdio: "inherit" });
if (rows.some(({ fixtures }) => fixtures.includes("spark host"))) execFileSync("sh", ["scripts/test-spark.sh"], { stdio: "inherit" });
const folder = mkdtempSync(join(tmpdir(), "switchyard-corpus-"));
// the account of the SSH host reads it as well
chmodSync(folder, 0o755);
const records = resolve("dist", "corpus");
mkdirSync(records, { recursive: true });
const python = makeCorpusPython(folder);
const mirror = await startMirror();
const surroundings = new Surroundings(folder, python, mirror.url);
const outcomes: Outcome[] = [];
try {
  for (const row of rows) {
    const outcome = await attempt(row);
    outcomes.push(outcome);
    console.log(lineOf(outcome));
  }
} finally {
  // what the rows gave is said all the same
  await surroundings.close().catch((error: Error) => console.error(error.message));
  await mirror.close();
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}
const whole = outcomes.filter(({ error, passed, total }) => error === null && total > 0 && passed === total);
console.log(`\n| row | file | cells | seconds | first failure |\n|---|---|---|---|---|`);
for (const outcome of outcomes) console.log(tableLineOf(outcome));
console.log(`\nWhat each row printed: ${records}`);
console.log(`${whole.length} of ${outcomes.length} rows ran to their end`);
process.exit(outcomes.every(({ row, error }) => error === null || row.later !== undefined || row.lacks !== undefined) ? 0 : 1);

async function attempt(row: Row): Promise<Outcome> {
  const outcome: Outcome = { row, passed: 0, total: 0, error: null, seconds: 0 };
  const began = Date.now();
  try {
    const scratch = join(folder, row.id);
    const file = checkOut(repositoryWith(row), row.commit, row.path, scratch);
    const world = await surroundings.prepare(row, scratch, file);
    try {
      await execute(file, (row.minutes ?? MINUTES) * 60, world.variables, outcome);
      if (row.leaves !== undefined && outcome.error === null) await lookAfter(row.leaves, world, outcome);
    } finally {
      await world.close();
    }
  } catch (error) {
    outcome.error = `not begun: ${(error as Error).message.split("\n")[0]}`;
  }
  outcome.seconds = (Date.now() - began) / 1000;
  return outcome;
}

/** The row has not run to its end before what it started has. */
async function lookAfter(metrics: readonly string[], world: World, outcome: Outcome): Promise<void> {
  const runs = await world.aftermath((outcome.row.minutes ?? MINUTES) * 60);
  outcome.error = disappointment(runs, metrics);
  const texts = runs.map(
    ({ runId, status, log, ...left }) => `\n=== ${runId}: ${status}, ${JSON.stringify(left.metrics)}\n--- log\n${log}`,
  );
  appendFileSync(join(records, `${outcome.row.id}.txt`), texts.join("\n"));
}

function repositoryWith({ commit }: Row): string {
  const has = (folder: string) => spawnSync("git", ["-C", folder, "cat-file", "-e", `${commit}^{commit}`]).status === 0;
  const found = repositories.find(has);
  if (found === undefined)
    throw new Error(`commit ${commit.slice(0, 12)} is not in ${repositories.join(", ")}; the history has to be whole`);
  return found;
}

/** Runs notebook.py on the file and reads what it tells of each cell. */
async function execute(file: string, seconds: number, variables: Readonly<Record<string, string>>, outcome: Outcome): Promise<void> {
  const script = resolve("test/corpus/notebook.py");
  const child = spawn(python.python, ["-B", script, file, `${seconds}`], {
    env: { ...process.env, ...variables },
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  const late = setTimeout(() => process.kill(-(child.pid as number), "SIGKILL"), (seconds + 30) * 1000);
  const record: string[] = [];
  child.stderr.on("data", (bytes) => record.push(String(bytes)));
  for await (const line of createInterface({ input: child.stdout })) {
    record.push(line);
    if (!line.startsWith("CORPUS ")) continue;
    const told = JSON.parse(line.slice(7)) as { total?: number; error?: string | null; cell?: number };
    if (told.total !== undefined) outcome.total = told.total;
    else if (told.error === null) outcome.passed += 1;
    else outcome.error = `[${told.cell}] ${told.error}`;
  }
  clearTimeout(late);
  if (outcome.error === null && outcome.passed < Math.max(1, outcome.total))
    outcome.error = "it ended before its last cell; see the record";
  writeFileSync(join(records, `${outcome.row.id}.txt`), record.map(readable).join("\n"));
}

function readable(line: string): string {
  if (!line.startsWith("CORPUS ")) return line;
  const { cell, seconds, source = "", error, output = "" } = JSON.parse(line.slice(7));
  return cell === undefined
    ? ""
    : `\n=== cell ${cell} (${seconds.toFixed(1)} s)${error ? ` FAILED: ${error}` : ""}\n${source}\n--- output\n${output}`;
}

function reasonOf({ row, error }: Outcome): string {
  if (error === null) return "";
  if (row.lacks !== undefined) return `${error} (it needs ${row.lacks})`;
  return row.later === undefined ? error : `${error} (docs/roadmap.md: ${row.later})`;
}

function lineOf(outcome: Outcome): string {
  const { row, passed, total, seconds } = outcome;
  return `${row.id} ${basename(row.path)}: ${passed}/${total} cells in ${seconds.toFixed(0)} s ${reasonOf(outcome)}`;
}

function tableLineOf(outcome: Outcome): string {
  const { row, passed, total, seconds } = outcome;
  return `| ${row.id} | ${basename(row.path)} | ${passed}/${total} | ${seconds.toFixed(0)} | ${reasonOf(outcome).replaceAll("|", "\\|")} |`;
}
