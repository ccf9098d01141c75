import { defineCommand } from "../../command.ts";
import { showTarget as printTarget } from "./provision.ts";
import { namedTarget, TARGET_ARGS, TARGET_FLAGS } from "./which.ts";

export const showTarget = defineCommand({
  summary: "Show one compute target, and ask it whether it can take runs now",
  args: TARGET_ARGS,
  flags: TARGET_FLAGS,
  examples: [
    ["switchyard computetarget show -n local", "this machine"],
    ["switchyard computetarget show -n cluster --query status", "node counts of a cluster"],
  ],
  async act(context) {
    const { api, params } = await namedTarget(context);
    await printTarget(context, await context.out.progress.during(`Asking ${params.name} …`, () => api.getTarget({ params })));
  },
});
