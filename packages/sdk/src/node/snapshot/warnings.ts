import type { ScannedTree } from "./scanFolder.ts";

const BIGGEST = 5;

interface Weighed {
  readonly path: string;
  readonly size: number;
  readonly files: number;
}

/** What a person would rather know before it travels: virtual environments, `.git`, and a folder that is big. */
export function warningsOf(
  trees: ReadonlyMap<string, ScannedTree>,
  root: string,
  total: { files: number; bytes: number },
  warnBytes: number,
): string[] {
  const warnings: string[] = [];
  const look = (sha256: string, path: string, weight: Weighed | null): void => {
    for (const entry of (trees.get(sha256) as ScannedTree).entries) {
      const inside = `${path}${entry.name}`;
      if (entry.kind === "file" && entry.name === "pyvenv.cfg" && weight !== null)
        warnings.push(`${weight.path} is a virtual environment (${inWords(weight)}) and is about to travel. ${ADVICE}`);
      if (entry.kind !== "folder") continue;
      const folder = { path: `${inside}/`, size: entry.size, files: entry.files };
      if (entry.name === ".git") warnings.push(`${folder.path} (${inWords(folder)}) is about to travel. ${ADVICE}`);
      else look(entry.sha256, folder.path, folder);
    }
  };
  look(root, "", null);
  if (total.bytes > warnBytes) warnings.push(tooBig(trees.get(root) as ScannedTree, total, warnBytes));
  return warnings;
}

const ADVICE = "List it in .amlignore (or .gitignore) to leave it at home.";

function tooBig({ entries }: ScannedTree, total: { files: number; bytes: number }, warnBytes: number): string {
  const weighed = entries.flatMap((entry) =>
    entry.kind === "link" ? [] : [{ path: entry.kind === "folder" ? `${entry.name}/` : entry.name, size: entry.size }],
  );
  const biggest = weighed.sort((a, b) => b.size - a.size).slice(0, BIGGEST);
  const list = biggest.map(({ path, size }) => `${path} ${megabytes(size)}`).join(", ");
  return `${total.files} files, ${megabytes(total.bytes)}, are about to travel, more than ${megabytes(warnBytes)}. The biggest: ${list}. Data belongs in a datastore; .amlignore leaves things at home.`;
}

const inWords = ({ files, size }: Weighed): string => `${files} ${files === 1 ? "file" : "files"}, ${megabytes(size)}`;
const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0)} MB`;
