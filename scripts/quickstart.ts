// `npm run quickstart`: builds the program, trains examples/digits on this machine and shows the result.
import { spawnSync } from "node:child_process";
import { resolve } from "node:path";
import { buildPackage, DIST } from "./build.ts";

const PROGRAM = resolve(DIST, "bin", "switchyard.mjs");
const EXAMPLE = resolve("examples", "digits");

await buildPackage("0.1.0");
const submitted = switchyard(["submit", "-e", "quickstart", "--conda-file", "conda_dependencies.yml", "train.py", "--epochs", "20"]);
if (submitted !== 0) process.exit(submitted);
console.log(`
That was examples/digits/train.py, unchanged, on this machine. Look further with

    alias switchyard="${process.execPath} ${PROGRAM}"
    switchyard run list -e quickstart
    switchyard run why -r RUN          what a run waits for or died of
    switchyard submit train.py         in a folder of your own
    switchyard down                    stops the server; runs go on
`);

function switchyard(args: readonly string[]): number {
  const done = spawnSync(process.execPath, [PROGRAM, ...args], { cwd: EXAMPLE, stdio: "inherit", env: process.env });
  return done.status ?? 1;
}
