import { writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { defineCommand } from "../../command.ts";
import { text } from "../../flags.ts";
import { bestFirst, trialRow } from "../../sweep/views.ts";
import { RUN_ARGS, RUN_FLAGS, runParams } from "../run/which.ts";

export const reportSweep = defineCommand({
  summary: "Report what came of a sweep: best trial, all trials, what mattered, what was saved",
  description: "As text, as JSON (-o json), or as one HTML page with pictures that needs nothing else",
  args: RUN_ARGS,
  flags: { ...RUN_FLAGS, html: text({ help: "write a page to this file as well", valueName: "FILE" }) },
  examples: [
    ["switchyard sweep report -r RUN", "in the terminal"],
    ["switchyard sweep report -r RUN --html report.html", "a page to look at, or to send to somebody"],
    ["switchyard sweep report -r RUN -o json --query importance", "which parameters matter"],
  ],
  async act(context) {
    const { connect, out, world, flags } = context;
    const report = await (await connect()).reportSweep({ params: await runParams(context) });
    if (flags.html !== undefined) {
      const { reportPage } = await import("../../sweep/report/page.ts");
      const file = resolve(world.cwd, flags.html);
      await writeFile(file, reportPage(report));
      out.note(`Written to ${file}.`);
    }
    const { reportText } = await import("../../sweep/report/text.ts");
    await out.result(report, {
      human: (paint) => reportText(report, world.now(), paint, world.stdout.columns),
      rows: () => bestFirst(report.sweep).map(trialRow),
      cellWidth: 80,
    });
  },
});
