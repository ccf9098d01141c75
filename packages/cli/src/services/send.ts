import { copyFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import type { ServiceInference } from "@switchyard/protocol";
import type { Context } from "../command.ts";
import { homeOf } from "../server/home.ts";
import type { Inference } from "./inference.ts";

/** Sends the folder of the entry script, whole; a script without one travels alone. */
export async function sendInference(
  context: Pick<Context, "connect" | "global" | "out" | "sdk" | "workspace" | "world">,
  { entryScript, sourceDirectory, environment, description }: Inference,
): Promise<ServiceInference> {
  const { global, out, world } = context;
  const { scanFolder, uploadSnapshot } = await context.sdk();
  const alone = sourceDirectory === null ? await mkdtemp(join(tmpdir(), "switchyard-entry-")) : null;
  try {
    if (alone !== null) await copyFile(entryScript, join(alone, basename(entryScript)));
    const scan = await scanFolder(sourceDirectory ?? (alone as string), {
      ignoreFiles: false,
      home: alone === null ? homeOf(world, global) : null,
    });
    const api = await context.connect();
    const workspace = await context.workspace();
    const sent = await out.progress.during("Sending the entry script …", () => uploadSnapshot(api, workspace, scan));
    const script = alone === null ? entryScript.replace(/^(\.\/)+/, "") : basename(entryScript);
    return { entryScript: script, snapshotId: sent.snapshotId, environment, description };
  } finally {
    if (alone !== null) await rm(alone, { recursive: true, force: true });
  }
}
