// Runs one of the repository's tasks: `node scripts/run.mjs <task> [arguments]`, which is what `npm run <task>` does.
// It is the only script that has to work on an old Node: it installs the dependencies when the lock file changed and
// hands over to a Node new enough for the product (the one that runs it, else the one npm's `node` package brings).
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const NODE_PACKAGE_VERSION = "24.21.0";
const OLDEST = [22, 18]; // the product needs 22.13; from 22.18 on Node also runs the repository's TypeScript as it is

const [task, ...args] = process.argv.slice(2);
const TASKS = {
  vitest: ["node_modules/vitest/vitest.mjs", "run"],
  typecheck: ["node_modules/typescript/bin/tsc", "-p", "tsconfig.json"],
  lint: ["node_modules/@biomejs/biome/bin/biome", "check", "--error-on-warnings"],
  format: ["node_modules/@biomejs/biome/bin/biome", "check", "--write"],
};
if (!task) {
  console.error("usage: node scripts/run.mjs <task> [arguments]; tasks are the scripts of package.json");
  process.exit(2);
}

process.chdir(ROOT);
const node = findNode();
installDependencies();
const command = TASKS[task] ?? ["--disable-warning=ExperimentalWarning", `scripts/${task}.ts`];
const done = spawnSync(node, [...command, ...args], {
  stdio: "inherit",
  env: { ...process.env, PATH: dirname(node) + delimiter + process.env.PATH },
});
if (done.error) console.error(`${node} did not start: ${done.error.message}`);
process.exit(done.status ?? 1);

function isNewEnough(version) {
  const [major, minor] = version.split(".").map(Number);
  return major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1]);
}

/** The Node that runs everything else: this one if it is new enough, else one installed below .cache. */
function findNode() {
  if (isNewEnough(process.versions.node)) return process.execPath;
  const prefix = join(ROOT, ".cache", `node-${NODE_PACKAGE_VERSION}`);
  const bundled = join(prefix, "node_modules", "node", "bin", "node");
  if (!existsSync(bundled)) {
    console.error(
      `Node ${process.versions.node} is older than ${OLDEST.join(".")}: installing Node ${NODE_PACKAGE_VERSION} below .cache (once) ...`,
    );
    mkdirSync(prefix, { recursive: true });
    writeFileSync(join(prefix, "package.json"), '{"private":true}\n');
    // This one package does run a script, which puts the binary of the machine's architecture in place.
    npm(["install", "--no-save", "--no-package-lock", "--ignore-scripts=false", `node@${NODE_PACKAGE_VERSION}`], prefix);
  }
  return bundled;
}

/** `npm ci` when the lock file is not the one that node_modules was installed from. */
function installDependencies() {
  const stamp = join(ROOT, "node_modules", ".installed-from");
  const wanted = createHash("sha256")
    .update(readFileSync(join(ROOT, "package-lock.json")))
    .digest("hex");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) return;
  console.error("Installing the dependencies of package-lock.json ...");
  npm(["ci"], ROOT);
  writeFileSync(stamp, wanted);
}

function npm(args, cwd) {
  const done = spawnSync("npm", [...args, "--no-fund", "--no-audit", "--loglevel=error"], { cwd, stdio: ["ignore", 2, 2] });
  if (done.status !== 0) {
    console.error(`npm ${args.join(" ")} failed in ${cwd}; its messages are above. Is the npm registry reachable?`);
    process.exit(1);
  }
}
