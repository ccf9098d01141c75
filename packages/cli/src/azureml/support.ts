import rows from "./support.json" with { type: "json" };

/** A name of Azure ML v1's Python packages that public scripts and notebooks use. */
export interface SupportRow {
  /** dotted, or a class that scripts meet without importing it */
  readonly name: string;
  /** other places it is imported from */
  readonly also?: readonly string[];
  readonly area: string;
  /** in how many of the public notebooks it was seen */
  readonly notebooks: number;
  /** whether `python/azureml` has it */
  readonly here: boolean;
  /** methods and attributes that were seen, and whether they are here */
  readonly members?: Readonly<Record<string, boolean>>;
}

/** Every such name; `node scripts/run.mjs azureml-support` looks again at what is here. */
export const SUPPORT: readonly SupportRow[] = rows as readonly SupportRow[];

const byPath = new Map<string, SupportRow>(SUPPORT.flatMap((row) => [row.name, ...(row.also ?? [])].map((path) => [path, row] as const)));

/** The row of a dotted name; null for one that no public notebook uses. */
export function supportOf(path: string): SupportRow | null {
  return byPath.get(path) ?? null;
}
