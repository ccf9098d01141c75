import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { defineCommand } from "../../command.ts";
import { text, toggle } from "../../flags.ts";
import { projectFolder } from "../../project/folder.ts";
import { experimentNamedAfter } from "../../project/link.ts";

export const attachFolder = defineCommand({
  summary: "Link the folder to a workspace and an experiment, and write run configurations to start from",
  description: "A file that is there is kept and named, unless --overwrite",
  flags: {
    experiment: text({ short: "e", long: "experiment-name", help: "experiment; default: the name of the folder", valueName: "NAME" }),
    overwrite: toggle({ help: "replace files that differ" }),
  },
  examples: [
    ["switchyard folder attach -e mnist", "writes .azureml/ and .amlignore"],
    ["switchyard folder attach --path my-project -w vision", "another folder, to a workspace of its own"],
  ],
  async act({ connect, flags, global, out, world }) {
    const folder = projectFolder(world, global);
    const workspaceName = global.workspace ?? world.env.SWITCHYARD_WORKSPACE ?? "default";
    const experimentName = flags.experiment ?? experimentNamedAfter(folder);
    if (global.workspace !== undefined) await (await connect()).getWorkspace({ params: { workspace: workspaceName } }); // it must exist
    const { folderTemplates } = await import("@switchyard/protocol");
    const written: string[] = [];
    const kept: string[] = [];
    for (const { path, text } of folderTemplates({ workspace: workspaceName, experiment: experimentName, pythonVersion: null })) {
      const outcome = await writeTemplate(join(folder, path), text, flags.overwrite);
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
