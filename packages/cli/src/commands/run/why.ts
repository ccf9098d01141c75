import type { Why } from "@switchyard/protocol";
import { defineCommand } from "../../command.ts";
import type { Paint } from "../../output/paint.ts";
import { localTime } from "../../output/words.ts";
import { paintStatus } from "./views.ts";
import { RUN_ARGS, RUN_FLAGS, runParams } from "./which.ts";

export const whyRun = defineCommand({
  summary: "Explain in words what a run waits for or died of",
  args: RUN_ARGS,
  flags: RUN_FLAGS,
  examples: [["switchyard run why -r RUN", "the reason, hints, the last lines that matter, the timeline"]],
  async act(context) {
    const { connect, out } = context;
    const why = await (await connect()).whyRun({ params: await runParams(context) });
    await out.result(why, { human: (paint) => whyText(why, paint), rows: () => whyRows(why), cellWidth: WIDEST });
  },
});

/** An explanation that is cut explains nothing. */
const WIDEST = 2000;

function whyRows({ summary, hints, timeline }: Why): Why["timeline"] {
  const said = (what: string, detail: string) => ({ at: "", attempt: null, what, detail });
  return [said("summary", summary), ...hints.map((hint) => said("hint", hint)), ...timeline];
}

function whyText(why: Why, paint: Paint): string {
  const parts = [`${paint.bold(why.runId)}  ${paintStatus(why.status, paint)}\n${why.summary}`];
  if (why.hints.length > 0) parts.push(why.hints.map((hint) => `- ${hint}`).join("\n"));
  for (const { file, lines } of why.lastLines)
    parts.push(`${paint.dim(`Last lines of ${file}`)}\n${lines.map((line) => `  ${line}`).join("\n")}`);
  const moments = why.timeline.map(
    ({ at, attempt, what, detail }) =>
      `  ${localTime(at)}  ${what}${attempt === null ? "" : ` (attempt ${attempt})`}${detail ? `: ${detail}` : ""}`,
  );
  parts.push(`${paint.dim("Timeline")}\n${moments.join("\n")}`);
  return parts.join("\n\n");
}
