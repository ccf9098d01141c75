import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { makeWheel, type Wheel, type WheelFile } from "@switchyard/protocol";

/** What the client is called as a distribution. */
export const CLIENT_NAME = "switchyard";

/** Packs the Python client as it lies in `folder`, which is what this server's runs carry, into a wheel. */
export async function makeClientWheel(folder: string, version: string): Promise<Wheel> {
  const files = await filesOf(folder, "");
  const code = files.filter(([path]) => !path.split("/")[0]!.endsWith(".dist-info"));
  // plug-ins that are found on the path of a run are found when they are installed, too
  const entryPoints = files.find(([path]) => path.endsWith(".dist-info/entry_points.txt"))?.[1];
  return makeWheel(
    {
      name: CLIENT_NAME,
      version,
      summary: "Client of a Switchyard server: one training script, any compute; and the azureml names of v1 scripts",
      license: "Apache-2.0",
      requiresPython: ">=3.6",
      ...(entryPoints === undefined ? {} : { entryPoints: new TextDecoder().decode(entryPoints) }),
    },
    code,
  );
}

async function filesOf(folder: string, below: string): Promise<WheelFile[]> {
  const entries = await readdir(join(folder, below), { withFileTypes: true });
  const found = await Promise.all(
    entries.map(async (entry): Promise<WheelFile[]> => {
      const path = below === "" ? entry.name : `${below}/${entry.name}`;
      if (entry.name.startsWith(".") || entry.name === "__pycache__" || path === "tests" || entry.name.endsWith(".pyc")) return [];
      if (entry.isDirectory()) return await filesOf(folder, path);
      return entry.isFile() ? [[path, await readFile(join(folder, path))]] : [];
    }),
  );
  return found.flat();
}
