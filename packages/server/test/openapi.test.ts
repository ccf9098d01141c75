import { readFileSync } from "node:fs";
import { operations } from "@switchyard/protocol";
import { expect, it } from "vitest";
import { openApiDocument, openApiText } from "../src/http/openapi.ts";

it("docs/openapi.json is what `npm run openapi` writes", () => {
  const committed = readFileSync(new URL("../../../docs/openapi.json", import.meta.url), "utf8");
  expect(committed === openApiText(), "docs/openapi.json is out of date: run `npm run openapi`").toBe(true);
});

it("the document has every operation once, and no reference that leads nowhere", () => {
  const document = openApiDocument() as { paths: Record<string, Record<string, { operationId: string }>>; components: { schemas: object } };
  const ids = Object.values(document.paths).flatMap((path) => Object.values(path).map(({ operationId }) => operationId));
  expect(ids.toSorted()).toEqual(Object.keys(operations).toSorted());
  const refs = [...JSON.stringify(document).matchAll(/"#\/components\/schemas\/([^"]+)"/g)].map(([, name]) => name);
  expect(refs.filter((name) => !Object.hasOwn(document.components.schemas, name ?? ""))).toEqual([]);
});
