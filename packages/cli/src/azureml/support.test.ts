import { readFile } from "node:fs/promises";
import { expect, it } from "vitest";
import { withTable } from "./guideTable.ts";
import { lookedAt, renderSupport } from "./lookedAt.ts";
import { SUPPORT } from "./support.ts";

const read = (path: string) => readFile(new URL(path, import.meta.url), "utf8");

it("support.json says what python/azureml has (else: node scripts/run.mjs azureml-support)", async () => {
  expect(await read("./support.json")).toBe(renderSupport(await lookedAt(SUPPORT)));
}, 60_000);

it("the guide has the table that is made of it", async () => {
  const page = await read("../../../../docs/guide/from-azureml.md");
  expect(page).toBe(withTable(page, SUPPORT));
});

it("looks at what is there: names that only refuse do not count", async () => {
  const row = (name: string, members: string[]) => ({
    name,
    area: "x",
    notebooks: 0,
    here: false,
    members: Object.fromEntries(members.map((member) => [member, false])),
  });
  const rows = [
    row("azureml.core.Workspace", ["from_config", "name", "no_such_thing"]),
    row("azureml.core.NoSuchClass", ["x"]),
    row("azureml.core.Model", ["profile"]),
  ];
  const [workspace, none, model] = await lookedAt(rows);
  expect(workspace).toMatchObject({ here: true, members: { from_config: true, name: true, no_such_thing: false } });
  expect(none).toMatchObject({ here: false, members: { x: false } });
  expect(model?.members?.profile).toBe(false);
}, 60_000);
