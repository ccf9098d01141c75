import { defineCommand } from "../../command.ts";
import { EXIT } from "../../errors.ts";
import { RUN_ARGS, RUN_FLAGS, runParams } from "../run/which.ts";

export const replaySweep = defineCommand({
  summary: "Decide everything about a sweep again from what was observed, and compare",
  description: "Says that every suggestion and decision is the same, or names the first that is not; then it ends with 1",
  args: RUN_ARGS,
  flags: RUN_FLAGS,
  examples: [["switchyard sweep replay -r RUN", "with the samplers and policies of this version"]],
  async act(context) {
    const { connect, out } = context;
    const replay = await (await connect()).replaySweep({ params: await runParams(context) });
    const { difference } = replay;
    const counts = `${replay.suggestions} suggestions and ${replay.decisions} decisions`;
    await out.result(replay, {
      human: () =>
        difference === null
          ? `Identical: ${counts} follow from what was observed (${replay.entries} entries).`
          : `Different: ${difference.what}, after ${counts} that are the same.\nRecorded    ${JSON.stringify(difference.recorded)}\nRecomputed  ${JSON.stringify(difference.recomputed)}`,
      rows: () => ({ runId: replay.runId, identical: replay.identical, suggestions: replay.suggestions, decisions: replay.decisions }),
    });
    return replay.identical ? EXIT.done : EXIT.failed;
  },
});
