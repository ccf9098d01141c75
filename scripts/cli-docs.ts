// Writes docs/cli.md from the definitions of the commands: `node scripts/run.mjs cli-docs`.
import { writeFile } from "node:fs/promises";
import { renderDocs } from "../packages/cli/src/docs.ts";

await writeFile(new URL("../docs/cli.md", import.meta.url), await renderDocs());
