import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import type { SweepJournal } from "@switchyard/protocol";
import { BadRequest, NotFound } from "@switchyard/protocol/errors";
import { defineCommand } from "../../command.ts";
import { EXIT } from "../../errors.ts";
import { text } from "../../flags.ts";
import { RUN_ARGS, RUN_FLAGS, runParams } from "../run/which.ts";

export const replaySweep = defineCommand({
  summary: "Decide everything about a sweep again from what was observed, and compare",
  description: "Says that every suggestion and decision is the same, or names the first that is not; then it ends with 1",
  args: RUN_ARGS,
  flags: {
    ...RUN_FLAGS,
    journal: text({ help: "of a sweep that another server has: what `sweep journal -o json` wrote", valueName: "FILE" }),
  },
  examples: [
    ["switchyard sweep replay -r RUN", "with the samplers and policies of this version"],
    ["switchyard sweep replay --journal journal.json", "a sweep of another machine; nothing of it is kept here"],
  ],
  async act(context) {
    const { connect, out, args, flags, world, workspace } = context;
    if (flags.journal !== undefined && (args.runId ?? flags.run) !== undefined)
      throw new BadRequest("Either a run of this server is replayed or --journal; give one of the two.");
    const api = await connect();
    const replay =
      flags.journal === undefined
        ? await api.replaySweep({ params: await runParams(context) })
        : await api.replayJournal({
            params: { workspace: await workspace() },
            body: await readJournal(resolve(world.cwd, flags.journal)),
          });
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

async function readJournal(file: string): Promise<SweepJournal> {
  const words = await readFile(file, "utf8").catch((cause: NodeJS.ErrnoException) => {
    throw cause.code === "ENOENT" ? new NotFound(`There is no file ${file}.`, { cause }) : cause;
  });
  try {
    return JSON.parse(words) as SweepJournal; // the server looks at what is in it
  } catch (cause) {
    throw new BadRequest(`${file} is no JSON: ${(cause as Error).message}. \`switchyard sweep journal -r RUN -o json\` writes a journal.`, {
      cause,
    });
  }
}
