import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { expect, it } from "vitest";
import { renderRoutes } from "../scripts/renderRoutes.ts";

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));

it("the table of routes is the one that the operations give (else: node packages/sdk/scripts/writeRoutes.ts)", () => {
  expect(readFileSync(path("./routes.ts"), "utf8")).toBe(renderRoutes());
});

it.each(["./index.ts", "./node/index.ts"])("%s loads no schemas before they are needed", async (entry) => {
  const { metafile } = await build({
    entryPoints: [path(entry)],
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    outdir: "out",
    write: false,
    metafile: true,
  });
  const [main] = Object.values(metafile.outputs).filter((output) => output.entryPoint?.endsWith(entry.slice(2)));
  const loaded = new Set<string>();
  const follow = (output: NonNullable<typeof main>): void => {
    for (const input of Object.keys(output.inputs)) loaded.add(input);
    for (const { path, kind, external } of output.imports) if (kind === "import-statement" && !external) follow(metafile.outputs[path]!);
  };
  follow(main!);
  expect([...loaded].filter((input) => input.includes("node_modules/zod/"))).toEqual([]);
});
