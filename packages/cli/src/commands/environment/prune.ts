import { defineCommand } from "../../command.ts";
import { count, toggle } from "../../flags.ts";
import { bytesInWords, counted } from "../../output/words.ts";

export const pruneEnvironments = defineCommand({
  summary: "Remove built environments that no run used for a while; they are built again when needed",
  flags: {
    yes: toggle({ short: "y", help: "remove them" }),
    unusedDays: count({ default: 30, help: "not used for so many days" }),
  },
  examples: [
    ["switchyard environment prune", "which would go"],
    ["switchyard environment prune --unused-days 7 --yes", "removes those not used for a week"],
  ],
  async act({ connect, flags, out }) {
    const api = await connect();
    const body = { dryRun: !flags.yes, environmentsUnusedDays: flags.unusedDays, only: ["environments" as const] };
    const { dryRun, environments } = await out.progress.during("Looking at the environments …", () => api.collectGarbage({ body }));
    await out.result(
      { dryRun, ...environments },
      {
        human: () => {
          const what = `${counted(environments.count, "environment")} (${bytesInWords(environments.bytes)})`;
          const names = environments.names.map((name) => `\n  ${name}`).join("");
          return dryRun ? `Would remove ${what}; --yes does it.${names}` : `Removed ${what}.${names}`;
        },
      },
    );
  },
});
