import type { Experiment } from "@switchyard/protocol";
import { defineCommand } from "../../command.ts";
import { choice } from "../../flags.ts";
import { localTime } from "../../output/words.ts";

export const listExperiments = defineCommand({
  summary: "List the experiments of the workspace",
  flags: {
    view: choice(["active", "archived", "all"])({ default: "active", help: "which ones: archived ones are left out unless asked for" }),
  },
  examples: [
    ["switchyard experiment list", "names, and how many runs each has"],
    ["switchyard experiment list --view archived", "what `experiment reactivate` brings back"],
  ],
  async act({ connect, flags, out, workspace }) {
    const api = await connect();
    const params = { workspace: await workspace() };
    const experiments: Experiment[] = [];
    for (let after: string | null | undefined; after !== null; ) {
      const page = await api.listExperiments({
        params,
        query: { limit: 1000, view: flags.view, ...(after === undefined ? {} : { after }) },
      });
      experiments.push(...page.items);
      after = page.next;
    }
    await out.result(experiments, {
      rows: () => experiments.map(({ name, runs, createdUtc }) => ({ name, runs, created: localTime(createdUtc) })),
    });
  },
});
