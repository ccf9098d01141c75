// `npm run bench [-- --only submit]`: measures, beside a baseline of the same run, and prints a table for docs/benchmarks.md.
import { cpus, totalmem } from "node:os";
import { resolve } from "node:path";
import { cluster } from "../bench/cluster.ts";
import { drain } from "../bench/drain.ts";
import { ingest } from "../bench/ingest.ts";
import { list } from "../bench/list.ts";
import { type Figure, meetsBar } from "../bench/measure.ts";
import { mlflow } from "../bench/mlflow.ts";
import { python } from "../bench/python.ts";
import { sleepers } from "../bench/sleepers.ts";
import { slurm } from "../bench/slurm.ts";
import { snapshot } from "../bench/snapshot.ts";
import { ssh } from "../bench/ssh.ts";
import { submit } from "../bench/submit.ts";
import { sweepOverhead } from "../bench/sweepOverhead.ts";
import { sweeps } from "../bench/sweeps.ts";
import { buildPackage, DIST, VERSION } from "./build.ts";

const BENCHMARKS = [submit, snapshot, ingest, list, drain, sleepers, cluster, slurm, ssh, python, mlflow, sweepOverhead, sweeps];
const only = process.argv.includes("--only") ? process.argv[process.argv.indexOf("--only") + 1] : undefined;

await buildPackage(VERSION);
process.env.SWITCHYARD_SERVER_ENTRY ??= resolve(DIST, "dist", "server.js");
console.log(
  `${cpus().length} × ${cpus()[0]?.model ?? "CPU"}, ${(totalmem() / 2 ** 30).toFixed(0)} GiB, Node ${process.versions.node}, ${process.platform}`,
);
for (const benchmark of BENCHMARKS.filter(({ name }) => !only || name === only)) {
  console.log(`\n## ${benchmark.name}\n\n| figure | measured | bar |\n|---|---|---|`);
  for (const figure of await benchmark.run()) console.log(row(figure));
}

function row(figure: Figure): string {
  const { bar } = figure;
  const asked = bar
    ? [bar.atMost !== undefined && `≤ ${bar.atMost}`, bar.atLeast !== undefined && `≥ ${bar.atLeast}`].filter(Boolean).join(", ")
    : "";
  const verdict = meetsBar(figure);
  return `| ${figure.what} | ${Number(figure.value.toPrecision(3))} ${figure.unit} | ${asked}${verdict === null ? "" : verdict ? " (met)" : " (missed)"} |`;
}
