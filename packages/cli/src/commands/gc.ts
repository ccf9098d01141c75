import type { GcReport } from "@switchyard/protocol";
import { defineCommand } from "../command.ts";
import { count, toggle } from "../flags.ts";
import { bytesInWords, counted } from "../output/words.ts";

export const gc = defineCommand({
  summary: "Free what nothing refers to: blobs, old environments, run directories",
  description: "Says what would go; with --yes it goes. Runs, their logs and their outputs are never touched",
  flags: {
    yes: toggle({ short: "y", help: "remove it" }),
    unusedDays: count({ default: 30, help: "environments not used for so many days are old" }),
  },
  examples: [
    ["switchyard gc", "what could be freed"],
    ["switchyard gc --yes", "frees it"],
  ],
  async act({ connect, flags, out }) {
    const api = await connect();
    const report = await out.progress.during("Looking for what nothing refers to …", () =>
      api.collectGarbage({ body: { dryRun: !flags.yes, environmentsUnusedDays: flags.unusedDays } }),
    );
    await out.result(report, { human: () => gcText(report) });
  },
});

function gcText(report: GcReport): string {
  const { blobs, runDirectories, toolkits, environments } = report;
  const total = blobs.bytes + runDirectories.bytes + toolkits.bytes + environments.bytes;
  const parts = [
    `${counted(blobs.count, "blob")} (${bytesInWords(blobs.bytes)})`,
    `${counted(runDirectories.count, "run directory", "run directories")} (${bytesInWords(runDirectories.bytes)})`,
    `${counted(environments.count, "environment")} (${bytesInWords(environments.bytes)})`,
  ].join(", ");
  return report.dryRun
    ? `Would free ${bytesInWords(total)}: ${parts}. \`switchyard gc --yes\` does it.`
    : `Freed ${bytesInWords(total)}: ${parts}.`;
}
