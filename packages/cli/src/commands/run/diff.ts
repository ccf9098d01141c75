import type { RunDiff } from "@switchyard/protocol";
import { BadRequest } from "@switchyard/protocol/errors";
import { defineCommand } from "../../command.ts";
import { texts } from "../../flags.ts";
import { cell } from "../../output/cell.ts";
import type { Paint } from "../../output/paint.ts";
import { table } from "../../output/table.ts";

export const diffRuns = defineCommand({
  summary: "Compare two runs: code, arguments, environment, configuration, metrics",
  args: { runIds: { rest: "ids of the two runs (or give them with -r A B)" } },
  flags: { run: texts({ short: "r", many: true, help: "ids of the two runs", valueName: "RUN" }) },
  examples: [["switchyard run diff -r A B", "what is different in B"]],
  async act({ args, connect, flags, out, workspace }) {
    const ids = [...flags.run, ...args.runIds];
    if (ids.length !== 2)
      throw new BadRequest(`Two runs are compared; ${ids.length} ${ids.length === 1 ? "was" : "were"} named. Write -r A B.`);
    const [a, b] = ids as [string, string];
    const diff = await (await connect()).diffRuns({ params: { workspace: await workspace(), runId: a }, query: { with: b } });
    await out.result(diff, { human: (paint) => diffText(diff, paint), rows: () => diffRows(diff) });
  },
});

type Entry = RunDiff["metrics"][number];
const SECTIONS = ["arguments", "environment", "configuration", "metrics"] as const;

function diffRows(diff: RunDiff): unknown[] {
  const code = diff.code.map(({ path, status }) => ({ section: "code", what: path, a: status, b: status }));
  return [...code, ...SECTIONS.flatMap((section) => diff[section].map((entry) => ({ section, ...entry })))];
}

function diffText(diff: RunDiff, paint: Paint): string {
  const parts: string[] = [];
  if (diff.code.length > 0) parts.push(`${paint.bold("Code")}\n${diff.code.map((file) => codeText(file, paint)).join("\n")}`);
  for (const section of SECTIONS) {
    const entries: readonly Entry[] = diff[section];
    if (entries.length === 0) continue;
    const rows = entries.map(({ what, a, b }) => ({ What: what, [diff.a]: cell(a), [diff.b]: cell(b) }));
    parts.push(`${paint.bold(section.charAt(0).toUpperCase() + section.slice(1))}\n${table(rows, { headingsAsGiven: true })}`);
  }
  return parts.length === 0
    ? `${diff.a} and ${diff.b} do not differ in code, arguments, environment, configuration or metrics.`
    : parts.join("\n\n");
}

function codeText({ path, status, patch }: RunDiff["code"][number], paint: Paint): string {
  const head = `  ${status.padEnd(7)}  ${path}`;
  if (patch === null) return head;
  const lines = patch.trimEnd().split("\n");
  return [
    head,
    ...lines.map((line) => `    ${line.startsWith("+") ? paint.green(line) : line.startsWith("-") ? paint.red(line) : line}`),
  ].join("\n");
}
