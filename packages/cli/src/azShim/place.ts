import { join, resolve } from "node:path";
import type { Context } from "../command.ts";
import { text } from "../flags.ts";
import { homeOf } from "../server/home.ts";
import { type FoundAz, findAz, isOurs } from "./find.ts";

export const DIR_FLAG = text({ help: "folder of the program az; default: bin in the server's home", valueName: "FOLDER" });

/** What there is to say of our az and of the real one. */
export interface Shim {
  readonly file: string;
  readonly installed: boolean;
  /** a shell that looks for az now finds ours */
  readonly inFront: boolean;
  readonly realAz: string | null;
}

/** The folder that `--dir` names, else the one in the home. */
export function shimFolder({
  flags,
  global,
  world,
}: Pick<Context<unknown, { dir: string | undefined }>, "flags" | "global" | "world">): string {
  return flags.dir === undefined ? join(homeOf(world, global), "bin") : resolve(world.cwd, flags.dir);
}

/** How things are in `folder` and on PATH. */
export async function shimIn(folder: string, { env, cwd }: Context["world"]): Promise<Shim> {
  const file = join(folder, "az");
  const found: FoundAz[] = await findAz(env.PATH, cwd);
  return {
    file,
    installed: await isOurs(file),
    inFront: found[0]?.file === file && found[0].ours,
    realAz: found.find((az) => !az.ours)?.file ?? null,
  };
}

/** What a person should do or know next. */
export function shimText({ file, installed, inFront, realAz }: Shim): string {
  const real =
    realAz === null
      ? "There is no other az on PATH, so Switchyard answers `az login` and the like too."
      : `All but \`az ml\` goes to ${realAz}.`;
  if (!installed)
    return `There is no ${file} of ours. \`switchyard az-shim install\` writes it.${realAz === null ? "" : ` az is ${realAz}.`}`;
  const folder = file.slice(0, -"/az".length);
  return inFront
    ? `az is ${file}: \`az ml\` goes to Switchyard. ${real}`
    : `${file} is written, and not in front yet. Put it there: export PATH='${folder}':"$PATH". ${real}`;
}
