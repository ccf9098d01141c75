import { counted, FEATURES, type State } from "./features.ts";
import type { SupportRow } from "./support.ts";

const BEGIN = "<!-- table: node scripts/run.mjs azureml-support -->";
const END = "<!-- end of table -->";
const WORDS: Readonly<Record<State, string>> = {
  works: "works",
  differs: "works, with differences",
  later: "not yet",
  never: "not planned",
};

/** A page with its table of what is here, feature by feature, as it is now. */
export function withTable(page: string, rows: readonly SupportRow[]): string {
  const from = page.indexOf(BEGIN);
  const to = page.indexOf(END);
  if (from < 0 || to < from) throw new Error(`the page has no lines "${BEGIN}" and "${END}"`);
  return `${page.slice(0, from)}${BEGIN}\n${featureTable(rows)}\n${page.slice(to)}`;
}

function featureTable(rows: readonly SupportRow[]): string {
  const lines = FEATURES.map(({ title, state, note, areas }) => {
    const { here, of } = counted(rows, areas);
    const inPart = (state === "works" || state === "differs") && of > 0 && here < of / 2;
    return `| ${title} | ${inPart ? "in part" : WORDS[state]} | ${of === 0 ? "" : `${here} of ${of}`} | ${note} |`;
  });
  return ["| part of Azure ML v1 | | names | |", "|---|---|---|---|", ...lines].join("\n");
}
