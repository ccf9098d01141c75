/** What an import has done so far, and what is not as it was. */
export interface Account {
  experiments: number;
  runs: Progress;
  points: number;
  params: number;
  loggedModels: Progress;
  files: { count: number; bytes: number };
  models: { found: number; versions: number };
  /** what differs from the server it came from */
  readonly differences: string[];
  /** how much of what stayed there, by what it is: `deleted runs`, `traces` … */
  stays: Readonly<Record<string, number>>;
}

interface Progress {
  found: number;
  brought: number;
  thereAlready: number;
  failed: number;
}

/** An account of nothing. */
export function newAccount(): Account {
  return {
    experiments: 0,
    runs: { found: 0, brought: 0, thereAlready: 0, failed: 0 },
    points: 0,
    params: 0,
    loggedModels: { found: 0, brought: 0, thereAlready: 0, failed: 0 },
    files: { count: 0, bytes: 0 },
    models: { found: 0, versions: 0 },
    differences: [],
    stays: {},
  };
}
