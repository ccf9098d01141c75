// Bundles the program into dist/: cli.js and server.js with their shared parts, and beside them the files that travel to
// machines (supervisor, Python client). Only better-sqlite3, which holds machine code, stays a dependency.
import { chmodSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { build } from "esbuild";

export const DIST = "dist/package";
export const { version: VERSION } = JSON.parse(readFileSync("package.json", "utf8")) as { version: string };
export const SQLITE_VERSION = "13.2.0";

/** Builds beside DIST and swaps at the end, so that whoever runs the old bundle meanwhile is not left with half of one. */
export async function buildPackage(version: string): Promise<void> {
  const fresh = `${DIST}.${process.pid}`;
  await fillPackage(fresh, version);
  rmSync(`${DIST}.old`, { recursive: true, force: true });
  if (existsSync(DIST)) renameSync(DIST, `${DIST}.old`);
  renameSync(fresh, DIST);
}

async function fillPackage(folder: string, version: string): Promise<void> {
  mkdirSync(`${folder}/dist`, { recursive: true });
  await build({
    entryPoints: { cli: "packages/cli/src/main.ts", server: "packages/server/src/main.ts" },
    outdir: `${folder}/dist`,
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    target: "node22.13",
    // ssh2 can use machine code where it was built; Node's own library does without.
    external: ["better-sqlite3", "pg-native", "cpu-features", "*.node"],
    minifySyntax: true,
    legalComments: "linked",
    // CommonJS dependencies inside an ES module bundle still call require.
    banner: { js: 'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);' },
    define: {
      "process.env.SWITCHYARD_VERSION": JSON.stringify(version),
      // likewise these two, which an ES module calls otherwise
      __dirname: "import.meta.dirname",
      __filename: "import.meta.filename",
    },
    logLevel: "warning",
  });
  cpSync("packages/cli/bin", `${folder}/bin`, { recursive: true });
  chmodSync(`${folder}/bin/switchyard.mjs`, 0o755);
  cpSync("packages/compute/supervisor", `${folder}/supervisor`, { recursive: true });
  const isLeftOut = (name: string) => name === "tests" || name.startsWith(".") || name.startsWith("__");
  for (const part of readdirSync("python").filter((name) => !isLeftOut(name))) {
    cpSync(`python/${part}`, `${folder}/python/${part}`, { recursive: true, filter: (path) => !path.includes("__pycache__") });
  }
  for (const text of ["README.md", "LICENSE"]) cpSync(text, `${folder}/${text}`);
  writeFileSync(`${folder}/package.json`, `${JSON.stringify(manifest(version), null, 2)}\n`);
}

function manifest(version: string) {
  return {
    name: "switchyard",
    version,
    description: "One training script, any compute: run history, logs, metrics and outputs for training runs on any machine",
    license: "Apache-2.0",
    type: "module",
    bin: { switchyard: "bin/switchyard.mjs" },
    engines: { node: ">=22.13" },
    dependencies: { "better-sqlite3": SQLITE_VERSION },
    files: ["bin", "dist", "supervisor", "python", "README.md", "LICENSE"],
  };
}

if (import.meta.main) await buildPackage(VERSION);
