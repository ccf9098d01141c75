// `npm run quickstart`: builds the program, trains examples/digits on this machine and shows the result.
import { spawnSync } from "node:child_process";
import { resolve } from "node:path";
import type { Run } from "@switchyard/protocol";
import { connect, defaultHome } from "@switchyard/sdk/node";
import { buildPackage, DIST, VERSION } from "./build.ts";

const PROGRAM = resolve(DIST, "bin", "switchyard.mjs");
const EXAMPLE = resolve("examples", "digits");

await buildPackage(VERSION);
const submit = ["submit", "-o", "json", "-e", "quickstart", "--conda-file", "conda_dependencies.yml", "train.py", "--epochs", "20"];
// The run comes back as JSON; its log passes by on standard error.
const done = spawnSync(process.execPath, [PROGRAM, ...submit], { cwd: EXAMPLE, stdio: ["ignore", "pipe", "inherit"], encoding: "utf8" });
if (!done.stdout) process.exit(done.status ?? 1);
const run = JSON.parse(done.stdout) as Run;
const client = await connect({ home: defaultHome(), start: false });
const outputs = await client.listRunFiles({ params: { workspace: run.workspace, runId: run.runId }, query: { prefix: "outputs/" } });

console.log(`
Run       ${run.runId}
Status    ${run.status}
Accuracy  ${run.metrics.accuracy ?? "none"}
Outputs   ${outputs.map((file) => `${file.path} (${(file.size / 1000).toFixed(1)} kB)`).join(", ") || "none"}

That was examples/digits/train.py, unchanged, on this machine. Look further with

    alias switchyard="${process.execPath} ${PROGRAM}"
    switchyard run show -r ${run.runId}
    switchyard run why -r ${run.runId}
    switchyard run download -r ${run.runId}
    switchyard run list -e quickstart
    switchyard submit train.py        # in a folder of your own
    switchyard down                   # stops the server; runs go on
`);
process.exitCode = done.status ?? 1;
