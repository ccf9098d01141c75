import { join, resolve } from "node:path";
import { BadRequest } from "@switchyard/protocol/errors";
import type { Finding } from "../../azureml/finding.ts";
import { type LookedAt, lookAtProject } from "../../azureml/project.ts";
import { type Context, defineCommand } from "../../command.ts";
import { EXIT } from "../../errors.ts";
import { toggle } from "../../flags.ts";
import type { Paint } from "../../output/paint.ts";
import { counted } from "../../output/words.ts";
import { requireFolder } from "../../project/folder.ts";
import { experimentNamedAfter, writeLink } from "../../project/link.ts";
import { readEnvironmentFolder } from "../environment/folder.ts";

export const importAzureml = defineCommand({
  summary: "Read a project of Azure ML v1: what works, what differs, what is missing, and set its workspace up",
  description:
    "Reads .azureml/ and aml_config/, run configurations, conda files, environments, .amlignore, and what Python files, notebooks\n" +
    "and shell scripts use. A file that cannot be read is named with its line, and the others go on. Then makes the workspace\n" +
    "and the experiment that the project names, and registers its environments. Files of the project are not changed but for\n" +
    ".azureml/config.json, which is written when no config.json names the workspace",
  args: { directory: { optional: "the project; default: the project folder" } },
  flags: {
    dryRun: toggle({ help: "look only, make nothing" }),
    all: toggle({ help: "on a terminal also list what works" }),
  },
  examples: [
    ["switchyard import azureml my-project --dry-run", "line by line what works, what differs and what is missing"],
    ["switchyard import azureml my-project", "the same, and sets the workspace up"],
    ["switchyard import azureml . -o json --query \"findings[?level=='missing']\"", "for a program"],
  ],
  async act(context) {
    const { args, flags, global, out, world } = context;
    const project = resolve(world.cwd, args.directory ?? global.path ?? ".");
    await requireFolder(project);
    const looked = await out.progress.during(`Looking at ${project} …`, () => lookAtProject(project));
    const setUp = flags.dryRun ? null : await setUpWorkspace(context, project, looked);
    const counts = countsOf(looked.findings);
    const result = { project, counts, ...looked, setUp };
    await out.result(result, {
      human: (paint) => reportText(looked, counts, setUp, flags, paint),
      rows: () => looked.findings.map(({ file, line, level, text }) => ({ file, line: line ?? "", level, text })),
      cellWidth: 200,
    });
    if (counts.broken === 0) return EXIT.done;
    out.error(`${counted(counts.broken, "place")} could not be read; they are listed as broken. Correct them and import again.`);
    return EXIT.failed;
  },
});

type Counts = Record<Finding["level"], number>;

function countsOf(findings: readonly Finding[]): Counts {
  const counts: Counts = { works: 0, differs: 0, missing: 0, broken: 0 };
  for (const { level } of findings) counts[level]++;
  return counts;
}

interface SetUp {
  readonly workspace: string;
  readonly experiment: string;
  readonly environments: readonly string[];
  readonly targetsToMake: readonly string[];
}

async function setUpWorkspace(context: Context, project: string, looked: LookedAt): Promise<SetUp> {
  const { connect, global } = context;
  const { workspaceName } = await import("@switchyard/protocol");
  const workspace = global.workspace ?? looked.workspace ?? (await context.workspace());
  if (!workspaceName.safeParse(workspace).success) {
    throw new BadRequest(`"${workspace}" cannot be the name of a workspace. Give another one with -w NAME.`);
  }
  const experiment = looked.experiment ?? experimentNamedAfter(project);
  const api = await connect();
  await api.createWorkspace({ body: { name: workspace, existOk: true } });
  await api.createExperiment({ params: { workspace }, body: { name: experiment } });
  const environments: string[] = [];
  for (const folder of looked.environments) {
    const definition = await readEnvironmentFolder(join(project, folder), () => {}); // warnings are findings
    const { name, version } = await api.registerEnvironment({ params: { workspace }, body: definition });
    environments.push(`${name}:${version}`);
  }
  if (!looked.linked || looked.workspace !== workspace)
    await writeLink(project, JSON.stringify({ workspace_name: workspace, experiment_name: experiment }));
  const there = new Set((await api.listTargets({ params: { workspace }, query: {} })).map(({ name }) => name));
  return { workspace, experiment, environments, targetsToMake: looked.targets.filter((target) => !there.has(target)) };
}

function reportText(looked: LookedAt, counts: Counts, setUp: SetUp | null, { all }: { all: boolean }, paint: Paint): string {
  const colours = { works: paint.green, differs: paint.yellow, missing: paint.red, broken: paint.red };
  const lines: string[] = [];
  let file = "";
  for (const finding of looked.findings) {
    if (finding.level === "works" && !all) continue;
    if (finding.file !== file) lines.push(paint.bold(finding.file));
    file = finding.file;
    lines.push(`  ${String(finding.line ?? "").padStart(5)}  ${colours[finding.level](finding.level.padEnd(7))}  ${finding.text}`);
  }
  lines.push(
    "",
    `${counts.works} places work${all ? "" : " (--all lists them)"}, ${counts.differs} differ, ${counts.missing} miss something, ${counts.broken} are broken.`,
  );
  if (setUp === null) lines.push("Nothing was made (--dry-run).");
  else {
    lines.push(`Workspace ${setUp.workspace} and experiment ${setUp.experiment} are there.`);
    if (setUp.environments.length > 0) lines.push(`Registered ${setUp.environments.join(", ")}.`);
    for (const target of setUp.targetsToMake)
      lines.push(`Still to make: switchyard computetarget create amlcompute -n ${target}   (or attach remote)`);
  }
  return lines.join("\n");
}
