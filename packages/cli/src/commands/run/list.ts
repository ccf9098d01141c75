import type { Run } from "@switchyard/protocol";
import { BadRequest } from "@switchyard/protocol/errors";
import { nearestOf } from "@switchyard/protocol/nearest";
import { defineCommand } from "../../command.ts";
import { count, tags, text, toggle } from "../../flags.ts";
import { projectFolder } from "../../project/folder.ts";
import { projectLink } from "../../project/link.ts";
import type { Client } from "../../world.ts";
import { runRow } from "./views.ts";

export const listRuns = defineCommand({
  summary: "List runs, newest first",
  description: "In a folder that is attached to an experiment only runs of that one, unless -e or --all",
  flags: {
    experiment: text({
      short: "e",
      long: "experiment-name",
      help: "only runs of this experiment; default: that of the folder, if any",
      valueName: "NAME",
    }),
    all: toggle({ help: "runs of all experiments, whatever the folder is attached to" }),
    last: count({ default: 10, help: "how many at most" }),
    status: text({ help: "only runs with this status; several separated by commas", valueName: "STATUS" }),
    parentRunId: text({ aliases: ["pipeline-run-id"], help: "only children of this run", valueName: "RUN" }),
    includeChildren: toggle({ help: "child runs as well" }),
    target: text({ long: "compute-target-name", aliases: ["target", "ct"], help: "only runs on this compute target", valueName: "NAME" }),
    tags: tags({ aliases: ["tag"], help: "only runs with this tag" }),
    properties: tags({ aliases: ["property"], help: "only runs with this property" }),
    where: text({
      help: "comparisons joined by `and`, on metrics.X, tags.X, properties.X, status, target, duration",
      valueName: "CONDITION",
    }),
    order: text({
      help: "created, started, ended, status, experiment, target or metrics.X; a leading - sorts downwards",
      valueName: "KEY",
    }),
  },
  examples: [
    ["switchyard run list", "the last 10 runs"],
    ["switchyard run list --all", "the last 10 of all experiments, also in a folder that is attached to one"],
    ["switchyard run list -e mnist --status Completed --last 50", "the last 50 that ended well"],
    ['switchyard run list --where "metrics.loss < 0.5" --order=metrics.loss', "the best first"],
    ["switchyard run list --query \"[?status=='Failed'].runId\" -o tsv", "ids for a script, one a line"],
  ],
  async act({ flags, global, connect, workspace, out, world }) {
    const status = flags.status === undefined ? undefined : await knownStatuses(flags.status);
    if (flags.all && flags.experiment !== undefined) throw new BadRequest("--all and -e contradict each other. Give one of them.");
    const linked = flags.all ? null : (await projectLink(projectFolder(world, global))).experiment;
    const experiment = flags.experiment ?? linked ?? undefined;
    const wanted = {
      experiment,
      status,
      parent: flags.parentRunId,
      includeChildren: flags.includeChildren || flags.parentRunId !== undefined,
      target: flags.target,
      tag: filters(flags.tags),
      property: filters(flags.properties),
      where: flags.where,
      order: flags.order,
    };
    if (experiment !== undefined && flags.experiment === undefined) {
      out.detail(`Runs of experiment ${experiment}, to which this folder is attached. Another one: -e NAME; all: --all.`);
    }
    const runs = await listAll(await connect(), await workspace(), wanted, flags.last);
    await out.result(runs, { rows: () => runs.map((run) => runRow(run, world.now())) });
  },
});

/** Largest page the server gives. */
const PAGE = 1000;

async function listAll(api: Client, workspace: string, wanted: Record<string, unknown>, last: number): Promise<Run[]> {
  const runs: Run[] = [];
  let after: string | undefined;
  while (runs.length < last) {
    const query = { ...defined(wanted), limit: Math.min(PAGE, last - runs.length), ...(after === undefined ? {} : { after }) };
    const page = await api.listRuns({ params: { workspace }, query });
    runs.push(...page.items);
    if (page.next === null) break;
    after = page.next;
  }
  return runs;
}

function defined(wanted: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(wanted).filter(([, value]) => value !== undefined));
}

function filters(wanted: Readonly<Record<string, string | null>>): string[] | undefined {
  const texts = Object.entries(wanted).map(([key, value]) => (value === null ? key : `${key}=${value}`));
  return texts.length === 0 ? undefined : texts;
}

/** Statuses in any case, corrected to the words that the API knows. */
async function knownStatuses(typed: string): Promise<string> {
  const { RUN_STATUSES } = await import("@switchyard/protocol"); // loads every schema: only who filters pays
  return typed
    .split(",")
    .map((word) => word.trim())
    .map((word) => {
      const known = RUN_STATUSES.find((status) => status.toLowerCase() === word.toLowerCase());
      if (known) return known;
      const near = nearestOf(word, RUN_STATUSES);
      throw new BadRequest(`"${word}" is no status of a run.${near ? ` Did you mean ${near}?` : ""} There are ${RUN_STATUSES.join(", ")}.`);
    })
    .join(",");
}
