import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** The folders that travel with a job and are not JavaScript. */
export interface Assets {
  /** holds `supervise` */
  readonly supervisor: string;
  /** holds the Python client, `azureml/` */
  readonly python: string;
}

/** Where each folder lies, seen from this file: in the packed program (`<package>/dist/server.js`), then in the repository. */
const PLACES: Readonly<Record<keyof Assets, readonly string[]>> = {
  supervisor: ["../supervisor", "../../compute/supervisor"],
  python: ["../python", "../../../python"],
};

export function findAssets(): Assets {
  return { supervisor: find("supervisor"), python: find("python") };
}

function find(name: keyof Assets): string {
  const candidates = PLACES[name].map((place) => fileURLToPath(new URL(place, import.meta.url)));
  const found = candidates.find((folder) => existsSync(folder));
  if (found === undefined) throw new Error(`The program is not complete: neither ${candidates.join(" nor ")} exists. Install it again.`);
  return found;
}
