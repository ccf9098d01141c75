import { defineCommand } from "../command.ts";
import { type BesideFiles, besideFiles } from "../files/besideFiles.ts";
import { count, text, toggle } from "../flags.ts";
import { bytesInWords, counted } from "../output/words.ts";
import { homeOf } from "../server/home.ts";
import { sourceFolder } from "../submit/source.ts";

export const snapshot = defineCommand({
  summary: "Send a snapshot of the folder; with --dry-run only show what would travel",
  flags: {
    dryRun: toggle({ help: "send nothing, list what would travel and what would not" }),
    sourceDirectory: text({ help: "folder to look at; default: the project folder", valueName: "FOLDER" }),
    biggest: count({ default: 20, help: "how many of each list a terminal shows; of files, the biggest first" }),
  },
  examples: [
    ["switchyard snapshot --dry-run", "files with sizes, links, empty folders, warnings, and what .amlignore or .gitignore leaves out"],
  ],
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
    const { links, emptyFolders } = besideFiles(scan);
    if (!out.forPerson) for (const warning of warnings) out.warn(warning); // no row has a place for them
    await out.result(
      { folder, root, fileCount: scan.files, bytes, files, links, emptyFolders, warnings, excluded },
      {
        rows: () => rowsOf({ files, links, emptyFolders }),
        human: () => dryRunText({ folder, bytes, files, links, emptyFolders, warnings, excluded }, flags.biggest),
      },
    );
  },
});

interface Contents extends BesideFiles {
  readonly files: readonly { readonly path: string; readonly size: number }[];
}

interface DryRun extends Contents {
  readonly folder: string;
  readonly bytes: number;
  readonly warnings: readonly string[];
  readonly excluded: readonly string[];
}

function rowsOf({ files, links, emptyFolders }: Contents): unknown[] {
  return [
    ...files.map(({ path, size }) => ({ kind: "file", path, size })),
    ...links.map(({ path, target }) => ({ kind: "link", path, target })),
    ...emptyFolders.map((path) => ({ kind: "empty folder", path })),
  ];
}

function dryRunText({ folder, bytes, files, links, emptyFolders, warnings, excluded }: DryRun, shown: number): string {
  const biggest = [...files].sort((a, b) => b.size - a.size).slice(0, shown);
  const lines = biggest.map(({ path, size }) => `  ${bytesInWords(size).padStart(8)}  ${path}`);
  if (files.length > biggest.length) lines.push(`  … and ${counted(files.length - biggest.length, "smaller file")}`);
  const parts = [`${counted(files.length, "file")}, ${bytesInWords(bytes)}, would travel from ${folder}:`, ...lines];
  parts.push(
    ...section(
      "Symbolic links:",
      links.map(({ path, target }) => `${path} -> ${target}`),
      shown,
    ),
    ...section("Empty folders:", emptyFolders, shown),
    ...section("Left out:", excluded, shown),
  );
  if (warnings.length > 0) parts.push("", ...warnings.map((warning) => `Warning: ${warning}`));
  return parts.join("\n");
}

/** Some lines under a heading, and how many more there are; nothing where there are none. */
function section(heading: string, lines: readonly string[], shown: number): string[] {
  if (lines.length === 0) return [];
  const more = lines.length > shown ? [`  … and ${lines.length - shown} more`] : [];
  return ["", heading, ...lines.slice(0, shown).map((line) => `  ${line}`), ...more];
}
