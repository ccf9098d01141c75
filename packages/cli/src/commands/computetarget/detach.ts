import { Conflict } from "@switchyard/protocol/errors";
import { defineCommand } from "../../command.ts";
import { toggle } from "../../flags.ts";
import { finishLettingGo } from "./letGo.ts";
import { namedTarget, TARGET_ARGS, TARGET_FLAGS } from "./which.ts";

export const detachTarget = defineCommand({
  summary: "Let go of a compute target that was attached; the machine stays as it is",
  description: "Refused while runs are on it. To attach a machine with other settings, detach it first",
  args: TARGET_ARGS,
  flags: { ...TARGET_FLAGS, noWait: toggle({ help: "return before it is gone" }) },
  examples: [["switchyard computetarget detach -n gpu-box", "its runs and what they made stay here"]],
  async act(context) {
    const { api, params } = await namedTarget(context);
    const { attached, name } = await api.getTarget({ params, query: { check: false } });
    if (!attached && name !== "local") {
      throw new Conflict(`"${name}" was created here, so it is deleted, not detached: \`switchyard computetarget delete -n ${name}\`.`);
    }
    await api.detachTarget({ params });
    return finishLettingGo(context, api, params, { doing: "Detaching", done: "Detached", key: "detached" }, !context.flags.noWait);
  },
});
