/** A program for tests: stores "new content" in an artifact folder and kills itself at a fail point. */
import { createHash } from "node:crypto";
import { onFailPoint } from "@switchyard/protocol";
import { openArtifacts } from "../openArtifacts.ts";

const [folder, what, point] = process.argv.slice(2);
const { blobs, runFiles } = await openArtifacts(`folder:${folder}`);
onFailPoint((reached) => {
  if (reached === point) process.kill(process.pid, "SIGKILL");
});

const content = Buffer.from("new content");
switch (what) {
  case "blob":
    await blobs.put(createHash("sha256").update(content).digest("hex"), [content]);
    break;
  case "put":
    await runFiles.put("run_1", "outputs/replaced", [content]);
    break;
  case "finish":
    await runFiles.writePart("run_1", "outputs/pieces", 0, [content]);
    await runFiles.finish("run_1", "outputs/pieces", content.length);
}
