import type { Context, ExitCode } from "../../command.ts";
import { EXIT } from "../../errors.ts";
import type { Client } from "../../world.ts";
import { leave, whileWaiting } from "./provision.ts";
import type { TargetParams } from "./which.ts";

/** Waits until a target that is on its way out is gone, and says so. */
export async function finishLettingGo(
  context: Context,
  api: Client,
  params: TargetParams,
  words: { readonly doing: string; readonly done: string; readonly key: string },
  wait: boolean,
): Promise<ExitCode> {
  const { name } = params;
  const waited = wait
    ? await whileWaiting(context, `${words.doing} ${name} …`, (signal, onProgress) => api.waitForTargetGone({ params, signal, onProgress }))
    : null;
  if (waited?.left) return leave(context, name);
  const gone = waited !== null && !waited.left && waited.value === null;
  await context.out.result(
    { name, [words.key]: gone },
    { human: () => (gone ? `${words.done} ${name}.` : `${words.doing} ${name} goes on.`) },
  );
  if (gone || !wait) return EXIT.done;
  context.out.error(
    `"${name}" is still being let go of; the server tries on. \`switchyard computetarget show -n ${name}\` tells how it stands.`,
  );
  return EXIT.failed;
}
