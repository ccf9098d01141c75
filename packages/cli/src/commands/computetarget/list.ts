import { defineCommand } from "../../command.ts";

export const listTargets = defineCommand({
  summary: "List compute targets: where runs can go",
  examples: [["switchyard computetarget list", "names, kinds, and whether they can take jobs now"]],
  async act({ connect, out, workspace }) {
    const targets = await (await connect()).listTargets({ params: { workspace: await workspace() } });
    await out.result(targets, {
      rows: () =>
        targets.map(({ name, type, provisioningState, healthy, reason }) => ({ name, type, state: provisioningState, healthy, reason })),
    });
  },
});
