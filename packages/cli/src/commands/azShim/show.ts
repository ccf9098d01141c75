import { DIR_FLAG, shimFolder, shimIn, shimText } from "../../azShim/place.ts";
import { defineCommand } from "../../command.ts";

export const showShim = defineCommand({
  summary: "Tell what az means on this PATH",
  flags: { dir: DIR_FLAG },
  examples: [["switchyard az-shim show", "whether ours is there and in front, and which is the real one"]],
  async act(context) {
    const shim = await shimIn(shimFolder(context), context.world);
    await context.out.result(shim, { human: () => shimText(shim) });
  },
});
