import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { defineCommand } from "../../command.ts";
import { text, toggle } from "../../flags.ts";
import { checkExperimentName } from "../../project/experimentName.ts";
import { projectFolder, requireFolder } from "../../project/folder.ts";
import { experimentFor, LINK_FILE, writeLink } from "../../project/link.ts";

export const attachFolder = defineCommand({
  summary: "Link the folder to a workspace and an experiment, and write run configurations to start from",
  description:
    "A file that is there is kept and named, unless --overwrite. -e and -w change the link of a folder that has one;\n" +
    "without them it keeps its own",
  flags: {
    experiment: text({
      short: "e",
      long: "experiment-name",
      help: "experiment; default: that of the folder, else its name",
      valueName: "NAME",
    }),
    overwrite: toggle({ help: "replace files that differ" }),
  },
  examples: [
    ["switchyard folder attach -e mnist", "writes .azureml/ and .amlignore"],
    ["switchyard folder attach --path my-project -w vision", "another folder, to a workspace of its own"],
  ],
  async act({ connect, flags, global, out, workspace, world }) {
    const folder = projectFolder(world, global);
    await requireFolder(folder);
    if (flags.experiment !== undefined) await checkExperimentName(flags.experiment, (warning) => out.warn(warning));
    const workspaceName = await workspace();
    const experimentName = await experimentFor(folder, flags.experiment);
    if (global.workspace !== undefined) await (await connect()).getWorkspace({ params: { workspace: workspaceName } }); // it must exist
    const { folderTemplates } = await import("@switchyard/protocol");
    const written: string[] = [];
    const kept: string[] = [];
    for (const { path, text } of folderTemplates({ workspace: workspaceName, experiment: experimentName, pythonVersion: null })) {
      const outcome = path === LINK_FILE ? await relink(folder, text) : await writeTemplate(join(folder, path), text, flags.overwrite);
      if (outcome === "kept") kept.push(path);
      else if (outcome === "written") written.push(path);
    }
    if (kept.length > 0) out.warn(`Kept as they are: ${kept.join(", ")}. --overwrite replaces them.`);
    await out.result(
      { folder, workspace: workspaceName, experimentName, written, kept },
      { human: () => attachedText(folder, workspaceName, experimentName, written) },
    );
  },
});

function attachedText(folder: string, workspace: string, experiment: string, written: readonly string[]): string {
  const files = written.length === 0 ? "Nothing had to be written." : `Wrote ${written.join(", ")}.`;
  return `Attached ${folder} to workspace ${workspace}, experiment ${experiment}. ${files}\nNext: switchyard run submit-script -c local train.py`;
}

async function relink(folder: string, text: string): Promise<"written" | "same"> {
  return (await writeLink(folder, text)) ? "written" : "same";
}

/** Writes a file that is missing or, when asked, one that differs. */
async function writeTemplate(file: string, content: string, overwrite: boolean): Promise<"written" | "kept" | "same"> {
  const there = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return null;
    throw error;
  });
  if (there === content) return "same";
  if (there !== null && !overwrite) return "kept";
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, content);
  return "written";
}
