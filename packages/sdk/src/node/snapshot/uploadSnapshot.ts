import type { Snapshot } from "@switchyard/protocol";
import { RemoteError } from "@switchyard/protocol/errors";
import type { SwitchyardClient } from "../../client.ts";
import { defaultHome } from "../home.ts";
import { FileChanged, firstChanged } from "./fileChanged.ts";
import { findMissing } from "./findMissing.ts";
import { KnownBlobs } from "./knownBlobs.ts";
import type { OnProgress } from "./progress.ts";
import { keepsChanging, MAX_LOOKS, type SnapshotScan, scanFolder } from "./scanFolder.ts";
import { sendBlobs } from "./sendBlobs.ts";

export interface UploadOptions {
  readonly onProgress?: OnProgress | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Sends what the server lacks of a scanned folder and names the snapshot. What travels is what was hashed: a folder that
 * changed meanwhile is scanned again, and when it keeps changing the error names the file.
 */
export async function uploadSnapshot(
  client: SwitchyardClient,
  workspace: string,
  scan: SnapshotScan,
  options: UploadOptions | OnProgress = {},
): Promise<Snapshot> {
  const { onProgress, signal } = typeof options === "function" ? { onProgress: options, signal: undefined } : options;
  const upload = new Upload(client, workspace, onProgress, signal);
  let current = scan;
  for (let looks = 1; ; looks++) {
    try {
      return await upload.send(current);
    } catch (error) {
      const changed = changedFile(error, current);
      if (changed === null) throw error;
      if (looks === MAX_LOOKS) throw keepsChanging(current.folder, changed);
      current = await scanFolder(current.folder, current.options);
    }
  }
}

/** Which file changed, if that is what an error means. The server notices a change that kept size and time by the SHA-256. */
function changedFile(error: unknown, scan: SnapshotScan): string | null {
  if (error instanceof FileChanged) return error.path;
  if (error instanceof RemoteError && error.code === "checksum_mismatch") return firstChanged(scan) ?? "A file";
  return null;
}

class Upload {
  readonly #client: SwitchyardClient;
  readonly #workspace: string;
  readonly #onProgress: OnProgress | undefined;
  readonly #signal: AbortSignal | undefined;

  constructor(client: SwitchyardClient, workspace: string, onProgress: OnProgress | undefined, signal: AbortSignal | undefined) {
    this.#client = client;
    this.#workspace = workspace;
    this.#onProgress = onProgress;
    this.#signal = signal;
  }

  async send(scan: SnapshotScan): Promise<Snapshot> {
    const home = scan.options.home === undefined ? defaultHome() : scan.options.home;
    const known = KnownBlobs.open(home, this.#client.url, scan.folder);
    await this.#sendMissing(scan, known.all);
    const snapshot = await this.#name(scan);
    known.save(scan);
    return snapshot;
  }

  async #name(scan: SnapshotScan): Promise<Snapshot> {
    const create = () =>
      this.#client.createSnapshot({ params: { workspace: this.#workspace }, body: { root: scan.root }, signal: this.#signal });
    try {
      return await create();
    } catch (error) {
      if (!(error instanceof RemoteError && error.code === "snapshot_incomplete")) throw error;
      // a folder's blob was there but not all that it names, as after garbage was collected: ask about each
      await this.#sendMissing(scan, new Set(), true);
      return await create();
    }
  }

  async #sendMissing(scan: SnapshotScan, known: ReadonlySet<string>, askAll = false): Promise<void> {
    const missing = await findMissing(this.#client, scan, { known, askAll, signal: this.#signal });
    if (missing.files.length + missing.trees.length === 0) return;
    await sendBlobs(this.#client, scan, missing, { onProgress: this.#onProgress, signal: this.#signal });
  }
}
