import { computeKind } from "@switchyard/protocol/computeKinds";
import { Conflict } from "@switchyard/protocol/errors";
import { defineCommand } from "../../command.ts";
import { kindOfWord } from "../../computeKinds.ts";
import { EXIT } from "../../errors.ts";
import { toggle } from "../../flags.ts";
import { finishLettingGo } from "./letGo.ts";
import { namedTarget, TARGET_ARGS, TARGET_FLAGS } from "./which.ts";

export const deleteTarget = defineCommand({
  summary: "Delete a compute target that was created here",
  description: "Refused while runs are on it. What was attached is detached instead. On a terminal it asks first, unless --yes",
  args: TARGET_ARGS,
  flags: {
    ...TARGET_FLAGS,
    yes: toggle({ short: "y", help: "do not ask" }),
    noWait: toggle({ help: "return before it is gone" }),
  },
  examples: [
    ["switchyard computetarget delete -n cluster", "asks, then deletes"],
    ["switchyard computetarget delete amlcompute -n cluster --yes", "the word of the kind may be there"],
  ],
  async act(context) {
    const { flags, out, world } = context;
    const { api, params } = await namedTarget(context);
    const { attached, name, type } = await api.getTarget({ params, query: { check: false } });
    if (attached) {
      throw new Conflict(
        `"${name}" was attached, so it is detached, not deleted: \`switchyard computetarget detach -n ${name}\`. The machine stays as it is.`,
      );
    }
    const title = kindOfWord(type) === null ? type : computeKind(kindOfWord(type)!).title;
    if (!flags.yes && world.stdin.isTTY && type !== "local") {
      const answer = await world.stdin.ask(`Delete the ${title} ${name} and what lies on it? Runs and what they made stay. [y/N] `);
      if (!/^y(es)?$/i.test(answer.trim())) {
        out.note(`${name} stays.`);
        return EXIT.failed;
      }
    }
    await api.deleteTarget({ params });
    return finishLettingGo(context, api, params, { doing: "Deleting", done: "Deleted", key: "deleted" }, !flags.noWait);
  },
});
