import { lstat, rm } from "node:fs/promises";
import { join } from "node:path";
import { BadRequest } from "@switchyard/protocol/errors";
import { isOurs } from "../../azShim/find.ts";
import { DIR_FLAG, shimFolder } from "../../azShim/place.ts";
import { defineCommand } from "../../command.ts";

export const uninstallShim = defineCommand({
  summary: "Remove the az that `az-shim install` wrote",
  flags: { dir: DIR_FLAG },
  examples: [["switchyard az-shim uninstall", "the real az, if any, is what az means again"]],
  async act(context) {
    const file = join(shimFolder(context), "az");
    const there = (await lstat(file).catch(() => null)) !== null;
    if (there && !(await isOurs(file))) throw new BadRequest(`"${file}" is not ours, so it stays.`);
    if (there) await rm(file);
    await context.out.result({ file, removed: there }, { human: () => (there ? `Removed ${file}.` : `There was no ${file}.`) });
  },
});
