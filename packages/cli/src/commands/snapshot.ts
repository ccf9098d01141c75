import { defineCommand } from "../command.ts";
import { count, text, toggle } from "../flags.ts";
import { bytesInWords, counted } from "../output/words.ts";
import { homeOf } from "../server/home.ts";
import { sourceFolder } from "../submit/source.ts";

export const snapshot = defineCommand({
  summary: "Send a snapshot of the folder; with --dry-run only show what would travel",
  flags: {
    dryRun: toggle({ help: "send nothing, list what would travel and what would not" }),
    sourceDirectory: text({ help: "folder to look at; default: the project folder", valueName: "FOLDER" }),
    biggest: count({ default: 20, help: "how many files a terminal shows, the biggest first" }),
  },
  examples: [["switchyard snapshot --dry-run", "files with sizes, warnings, and what .amlignore or .gitignore leaves out"]],
  async act({ connect, flags, global, out, sdk, workspace, world }) {
    const folder = await sourceFolder(world, global, flags.sourceDirectory);
    const { scanFolder, uploadSnapshot } = await sdk();
    const scan = await out.progress.during("Reading the folder …", () => scanFolder(folder, { home: homeOf(world, global) }));
    if (!flags.dryRun) {
      for (const warning of scan.warnings) out.warn(warning);
      const api = await connect();
      const sent = await out.progress.during("Sending the snapshot …", async () => uploadSnapshot(api, await workspace(), scan));
      await out.result(sent, { human: () => `Snapshot ${sent.snapshotId}: ${counted(sent.files, "file")}, ${bytesInWords(sent.bytes)}.` });
      return;
    }
    const files = scan.entries.map(({ path, size, sha256 }) => ({ path, size, sha256 }));
    const { root, bytes, warnings, excluded } = scan;
    await out.result(
      { folder, root, fileCount: scan.files, bytes, files, warnings, excluded },
      {
        rows: () => files.map(({ path, size }) => ({ path, size })),
        human: () => dryRunText({ folder, bytes, files, warnings, excluded }, flags.biggest),
      },
    );
  },
});

interface DryRun {
  readonly folder: string;
  readonly bytes: number;
  readonly files: readonly { readonly path: string; readonly size: number }[];
  readonly warnings: readonly string[];
  readonly excluded: readonly string[];
}

function dryRunText({ folder, bytes, files, warnings, excluded }: DryRun, shown: number): string {
  const biggest = [...files].sort((a, b) => b.size - a.size).slice(0, shown);
  const lines = biggest.map(({ path, size }) => `  ${bytesInWords(size).padStart(8)}  ${path}`);
  if (files.length > biggest.length) lines.push(`  … and ${counted(files.length - biggest.length, "smaller file")}`);
  const parts = [`${counted(files.length, "file")}, ${bytesInWords(bytes)}, would travel from ${folder}:`, ...lines];
  if (excluded.length > 0) parts.push("", "Left out:", ...excluded.slice(0, shown).map((path) => `  ${path}`));
  if (excluded.length > shown) parts.push(`  … and ${excluded.length - shown} more`);
  if (warnings.length > 0) parts.push("", ...warnings.map((warning) => `Warning: ${warning}`));
  return parts.join("\n");
}
