import type { ArtifactStorage } from "@switchyard/artifacts";
import { type DatastoreParts, Datastores } from "./datastores.ts";
import { Fetcher } from "./fetcher.ts";
import { Keeper } from "./keeper.ts";
import { WebFiles } from "./webStorage.ts";

/** What one file from the web or another store may have, unless the operator says otherwise. */
export const DEFAULT_FETCH_LIMIT_BYTES = 20 * 1024 ** 3;

/** Everything that has to do with datastores and datasets. */
export interface DataParts {
  readonly datastores: Datastores;
  readonly keeper: Keeper;
  readonly fetcher: Fetcher;
}

export function createDataParts({
  artifacts,
  ...parts
}: Omit<DatastoreParts, "blobs"> & { readonly artifacts: ArtifactStorage }): DataParts {
  const { store, mirrors, fetchLimitBytes } = parts;
  const { blobs } = artifacts;
  const datastores = new Datastores({ ...parts, blobs });
  const fetcher = new Fetcher(store, blobs);
  const web = new WebFiles(mirrors, fetchLimitBytes);
  return { datastores, fetcher, keeper: new Keeper({ store, blobs, datastores, web, fetcher }) };
}
