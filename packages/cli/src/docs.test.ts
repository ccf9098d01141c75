import { readFile } from "node:fs/promises";
import { expect, it } from "vitest";
import { renderDocs } from "./docs.ts";

it("docs/cli.md says what the definitions say (else: node scripts/run.mjs cli-docs)", async () => {
  expect(await readFile(new URL("../../../docs/cli.md", import.meta.url), "utf8")).toBe(await renderDocs());
});
