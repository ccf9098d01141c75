// Writes into packages/cli/src/azureml/support.json which names of Azure ML v1 `python/azureml` has, and the table of
// docs/guide/from-azureml.md that is made of it: `node scripts/run.mjs azureml-support`.
import { readFile, writeFile } from "node:fs/promises";
import { withTable } from "../packages/cli/src/azureml/guideTable.ts";
import { lookedAt, renderSupport } from "../packages/cli/src/azureml/lookedAt.ts";
import type { SupportRow } from "../packages/cli/src/azureml/support.ts";

const table = new URL("../packages/cli/src/azureml/support.json", import.meta.url);
const guide = new URL("../docs/guide/from-azureml.md", import.meta.url);
const rows = await lookedAt(JSON.parse(await readFile(table, "utf8")) as SupportRow[]);
await writeFile(table, renderSupport(rows));
await writeFile(guide, withTable(await readFile(guide, "utf8"), rows));
