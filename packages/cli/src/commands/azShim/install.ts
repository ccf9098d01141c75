import { chmod, lstat, mkdir, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { BadRequest } from "@switchyard/protocol/errors";
import { isOurs } from "../../azShim/find.ts";
import { DIR_FLAG, shimFolder, shimIn, shimText } from "../../azShim/place.ts";
import { shimScript } from "../../azShim/script.ts";
import { defineCommand } from "../../command.ts";

export const installShim = defineCommand({
  summary: "Put an az in front that answers `az ml …`, and passes all else to the real one",
  description:
    "It is a small shell script. `az ml …` means `switchyard ml …`. Everything else goes to the az that is found further on\n" +
    "PATH; where there is none, Switchyard itself answers `az login`, `az account`, `az configure`, `az group create` and a few\n" +
    "more, and says so. A program az that is not ours is never replaced",
  flags: { dir: DIR_FLAG },
  examples: [
    ["switchyard az-shim install", "writes ~/.switchyard/bin/az and says how to put it in front"],
    ["switchyard az-shim install --dir ~/.local/bin", "where PATH leads already"],
  ],
  async act(context) {
    const { out, world } = context;
    const folder = shimFolder(context);
    const file = join(folder, "az");
    if ((await lstat(file).catch(() => null)) !== null && !(await isOurs(file))) {
      throw new BadRequest(
        `"${file}" is there and not ours, so it stays. Give another folder with --dir, one that stands before it on PATH.`,
      );
    }
    await mkdir(folder, { recursive: true });
    const fresh = `${file}.${process.pid}`;
    await writeFile(fresh, shimScript(world.program));
    await chmod(fresh, 0o755);
    await rename(fresh, file);
    const shim = await shimIn(folder, world);
    await out.result(shim, { human: () => shimText(shim) });
    if (!out.forPerson) out.note(shimText(shim));
  },
});
