import type { NumberedEntry, SweepJournal } from "@switchyard/protocol";
import { defineCommand } from "../../command.ts";
import { localTime } from "../../output/words.ts";
import { RUN_ARGS, RUN_FLAGS, runParams } from "../run/which.ts";

export const journalOfSweep = defineCommand({
  summary: "Show the journal of a sweep: all that was observed, suggested, decided and wished",
  args: RUN_ARGS,
  flags: RUN_FLAGS,
  examples: [
    ["switchyard sweep journal -r RUN", "a line for each entry"],
    ["switchyard sweep journal -r RUN -o json > journal.json", "to be replayed elsewhere: `sweep replay --journal journal.json`"],
  ],
  async act(context) {
    const { connect, out } = context;
    const params = await runParams(context);
    const api = await connect();
    const entries: NumberedEntry[] = [];
    for (let from: number | null = 0; from !== null; ) {
      const page: { entries: NumberedEntry[]; next: number | null } = await api.readSweepJournal({ params, query: { from } });
      entries.push(...page.entries);
      from = page.next;
    }
    const journal: SweepJournal = { runId: params.runId, entries };
    await out.result(journal, {
      human: () => entries.map(lineOf).join("\n"),
      rows: () => entries.map(({ number, at, entry: { kind, ...facts } }) => ({ number, at, kind, facts: JSON.stringify(facts) })),
    });
  },
});

function lineOf({ number, at, entry: { kind, ...facts } }: NumberedEntry): string {
  return `${String(number).padStart(4)}  ${localTime(at)}  ${kind.padEnd(9)}  ${JSON.stringify(facts)}`;
}
