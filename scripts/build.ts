// Bundles the program into dist/: cli.js and server.js with their shared parts, and beside them the files that travel to
// machines (supervisor, Python client). Only better-sqlite3, which holds machine code, stays a dependency.
import { chmodSync, cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { build } from "esbuild";

export const DIST = "dist/package";
export const { version: VERSION } = JSON.parse(readFileSync("package.json", "utf8")) as { version: string };
export const SQLITE_VERSION = "13.2.0";

export async function buildPackage(version: string): Promise<void> {
  rmSync(DIST, { recursive: true, force: true });
  mkdirSync(`${DIST}/dist`, { recursive: true });
  await build({
    entryPoints: { cli: "packages/cli/src/main.ts", server: "packages/server/src/main.ts" },
    outdir: `${DIST}/dist`,
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    target: "node22.13",
    external: ["better-sqlite3", "pg-native"],
    minifySyntax: true,
    legalComments: "linked",
    // CommonJS dependencies inside an ES module bundle still call require.
    banner: { js: 'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);' },
    define: { "process.env.SWITCHYARD_VERSION": JSON.stringify(version) },
    logLevel: "warning",
  });
  cpSync("packages/cli/bin", `${DIST}/bin`, { recursive: true });
  chmodSync(`${DIST}/bin/switchyard.mjs`, 0o755);
  cpSync("packages/compute/supervisor", `${DIST}/supervisor`, { recursive: true });
  for (const part of ["azureml", "switchyard_client"]) {
    cpSync(`python/${part}`, `${DIST}/python/${part}`, { recursive: true, filter: (path) => !path.includes("__pycache__") });
  }
  for (const text of ["README.md", "LICENSE"]) cpSync(text, `${DIST}/${text}`);
  writeFileSync(`${DIST}/package.json`, `${JSON.stringify(manifest(version), null, 2)}\n`);
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
