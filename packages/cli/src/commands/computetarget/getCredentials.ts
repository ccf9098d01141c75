import { defineCommand } from "../../command.ts";
import { namedTarget, TARGET_ARGS, TARGET_FLAGS } from "./which.ts";

export const getCredentials = defineCommand({
  summary: "Show the credentials that are stored for a compute target",
  description: "They are secret: everything else that is shown of a target leaves them out",
  args: TARGET_ARGS,
  flags: TARGET_FLAGS,
  examples: [["switchyard computetarget get-credentials -n gpu-box --query username", "who logs in there"]],
  async act(context) {
    const { api, params } = await namedTarget(context);
    await context.out.result(await api.getTargetCredentials({ params }));
  },
});
