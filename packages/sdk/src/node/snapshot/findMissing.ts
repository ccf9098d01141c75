import type { SwitchyardClient } from "../../client.ts";
import type { ScannedFile, ScannedTree, SnapshotScan } from "./scanFolder.ts";

export interface MissingTree {
  readonly sha256: string;
  readonly text: string;
}

export interface Missing {
  /** one file of each content that the server lacks */
  readonly files: readonly ScannedFile[];
  /** folders before the folders they lie in, so that whoever finds a folder finds all that it names */
  readonly trees: readonly MissingTree[];
}

export interface Question {
  /** believed to be there, with all that it names: not asked about */
  readonly known: ReadonlySet<string>;
  /** do not conclude from a folder to what it names */
  readonly askAll: boolean;
  readonly signal: AbortSignal | undefined;
}

/** As many hashes as fit into a request of a few megabytes. */
const ASKED_AT_ONCE = 50_000;

/** Asks what the server lacks, from the root downwards: below a folder that is there nothing is asked. */
export async function findMissing(client: SwitchyardClient, scan: SnapshotScan, question: Question): Promise<Missing> {
  const missing = new Set<string>();
  const asked = new Set<string>();
  const trees: MissingTree[] = [];
  let level = [scan.root];
  while (level.length > 0) {
    const fresh = [...new Set(level)].filter((sha256) => !asked.has(sha256));
    for (const sha256 of fresh) asked.add(sha256);
    for (const sha256 of await askAbout(client, fresh, question)) missing.add(sha256);
    level = fresh.flatMap((sha256) => {
      const tree = scan.trees.get(sha256);
      if (tree === undefined || !(question.askAll || missing.has(sha256))) return [];
      if (missing.has(sha256)) trees.push({ sha256, text: tree.text });
      return namedBy(tree);
    });
  }
  return { files: filesOf(scan, missing), trees: trees.reverse() };
}

function namedBy(tree: ScannedTree): string[] {
  return tree.entries.flatMap((entry) => (entry.kind === "link" ? [] : [entry.sha256]));
}

async function askAbout(client: SwitchyardClient, sha256s: readonly string[], { known, signal }: Question): Promise<string[]> {
  const unknown = sha256s.filter((sha256) => !known.has(sha256));
  const missing: string[] = [];
  for (let at = 0; at < unknown.length; at += ASKED_AT_ONCE) {
    const answer = await client.missingBlobs({ body: { sha256: unknown.slice(at, at + ASKED_AT_ONCE) }, signal });
    missing.push(...answer.missing);
  }
  return missing;
}

/** A file whose content happens to be the text of a folder is a file all the same. */
function filesOf(scan: SnapshotScan, missing: ReadonlySet<string>): ScannedFile[] {
  const byContent = new Map<string, ScannedFile>();
  for (const file of scan.entries) if (missing.has(file.sha256)) byContent.set(file.sha256, file);
  return [...byContent.values()];
}
