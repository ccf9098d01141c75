import { defineCommand } from "../../command.ts";
import { toggle } from "../../flags.ts";
import { LIST_CELL_WIDTH, targetRow } from "./views.ts";

export const listTargets = defineCommand({
  summary: "List compute targets: where runs can go, and what each can do",
  description: "A capability with a star holds under a condition, which `switchyard computetarget kinds` tells",
  flags: { check: toggle({ help: "ask each whether it can take runs now" }) },
  examples: [
    ["switchyard computetarget list", "names, kinds, states, nodes and capabilities"],
    ["switchyard computetarget list --check", "and whether they can take runs now"],
  ],
  async act({ connect, flags, out, workspace }) {
    const params = { workspace: await workspace() };
    const api = await connect();
    const targets = await out.progress.during("Asking the compute targets …", () =>
      api.listTargets({ params, query: { check: flags.check } }),
    );
    await out.result(targets, { rows: () => targets.map((target) => targetRow(target, flags.check)), cellWidth: LIST_CELL_WIDTH });
  },
});
