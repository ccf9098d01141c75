import { defineCommand } from "../../command.ts";
import { EXIT } from "../../errors.ts";
import { toggle } from "../../flags.ts";
import { namedWorkspace } from "./which.ts";

export const deleteWorkspace = defineCommand({
  summary: "Delete a workspace",
  description:
    "Refused while runs are on their way or compute targets are there. A workspace that holds runs goes only with\n" +
    "--all-resources, and they go with it. On a terminal it asks first, unless --yes",
  flags: {
    allResources: toggle({ help: "its runs, their logs and outputs too, and all else that is in it" }),
    yes: toggle({ short: "y", help: "do not ask" }),
    noWait: toggle({ help: "accepted for scripts of Azure ML v1; it takes effect at once" }),
  },
  examples: [
    ["switchyard workspace delete -w trial", "one without runs"],
    ["switchyard workspace delete -w trial --all-resources --yes", "with all that is in it, for good"],
  ],
  async act(context) {
    const { connect, flags, out, world } = context;
    const workspace = namedWorkspace(context);
    const api = await connect();
    await api.getWorkspace({ params: { workspace } }); // asked about before anything is asked of a person
    if (!flags.yes && world.stdin.isTTY) {
      const what = flags.allResources ? `workspace ${workspace} and everything in it, for good` : `workspace ${workspace}`;
      const answer = await world.stdin.ask(`Delete ${what}? [y/N] `);
      if (!/^y(es)?$/i.test(answer.trim())) {
        out.note(`${workspace} stays.`);
        return EXIT.failed;
      }
    }
    await api.deleteWorkspace({ params: { workspace }, query: { everything: flags.allResources } });
    await out.result({ name: workspace, deleted: true }, { human: () => `Deleted workspace ${workspace}.` });
    return EXIT.done;
  },
});
