import type { ComputeTarget } from "@switchyard/protocol";
import type { Context, ExitCode } from "../../command.ts";
import { EXIT, messageOf } from "../../errors.ts";
import { durationInWords } from "../../output/words.ts";
import { projectFolder } from "../../project/folder.ts";
import type { Client } from "../../world.ts";
import { stateOf, targetRow, targetText } from "./views.ts";
import type { TargetParams } from "./which.ts";

/** How often the seconds that a person sees move on. */
const TICK_MS = 1000;

/** How waiting ended: with the target as it then was, or because the person had seen enough. */
type Waited<T> = { readonly left: false; readonly value: T } | { readonly left: true };

/** Does `work`, showing state and seconds, until it ends or Ctrl-C is pressed: what is waited for goes on without us. */
export async function whileWaiting<T>(
  { out, world }: Pick<Context, "out" | "world">,
  doing: string,
  work: (signal: AbortSignal, saw: (target: ComputeTarget) => void) => Promise<T>,
): Promise<Waited<T>> {
  const leave = new AbortController();
  const stopListening = world.onInterrupt(() => leave.abort());
  const since = performance.now();
  let state = "";
  let timer: NodeJS.Timeout | undefined;
  try {
    const value = await out.progress.during(doing, (say) => {
      const tell = () => say(`${doing}${state === "" ? "" : ` ${state},`} ${durationInWords((performance.now() - since) / 1000)}`);
      timer = setInterval(tell, TICK_MS);
      return work(leave.signal, (target) => {
        state = stateOf(target);
        tell();
      });
    });
    return { left: false, value };
  } catch (error) {
    if (!leave.signal.aborted) throw error;
    return { left: true };
  } finally {
    clearInterval(timer);
    stopListening();
  }
}

/** What a person did to get a target, with the word of how to be rid of it. */
export interface Making {
  readonly doing: "Creating" | "Attaching";
  readonly done: "Created" | "Attached";
  readonly undo: "delete" | "detach";
}
export const CREATING: Making = { doing: "Creating", done: "Created", undo: "delete" };
export const ATTACHING: Making = { doing: "Attaching", done: "Attached", undo: "detach" };

/** Follows a target that was just asked for until it is made, tells how that went, and writes its run configuration. */
export async function finishMaking(
  context: Context,
  api: Client,
  params: TargetParams,
  made: ComputeTarget,
  making: Making,
  wait: boolean,
): Promise<ExitCode> {
  if (!wait) {
    await writeConfiguration(context, made);
    context.out.note(`${making.doing} ${made.name} goes on. Follow it with \`switchyard computetarget wait -n ${made.name}\`.`);
    await showTarget(context, made);
    return EXIT.done;
  }
  const waited = await whileWaiting(context, `${making.doing} ${made.name} …`, (signal, onProgress) =>
    api.waitForTarget({ params, signal, onProgress }),
  );
  if (waited.left) return leave(context, made.name);
  const target = waited.value;
  if (target.provisioningState !== "Succeeded") return tellFailure(context, target, making);
  await writeConfiguration(context, target);
  await context.out.result(target, {
    human: () => `${making.done} ${target.name}. Next: switchyard submit --target ${target.name} train.py`,
    rows: () => targetRow(target, false),
  });
  return EXIT.done;
}

/** Ends a command whose person did not want to wait any longer. */
export function leave({ out }: Pick<Context, "out">, name: string): ExitCode {
  out.note(`\nNo longer waiting; it goes on. \`switchyard computetarget show -n ${name}\` tells how it stands.`);
  return EXIT.interrupted;
}

/** Says in words why a target is not there, and how to go on; a program reads the same in the result. */
export async function tellFailure(context: Pick<Context, "out">, target: ComputeTarget, { undo }: Pick<Making, "undo">): Promise<ExitCode> {
  const { name, provisioningState, provisioningErrors } = target;
  await context.out.result(target, { human: () => "", rows: () => targetRow(target, false) });
  if (provisioningState === "Failed" || provisioningState === "Canceled") {
    const reasons = provisioningErrors.map(({ message }) => message).join("\n");
    context.out.error(
      `"${name}" could not be made${reasons === "" ? "." : `: ${reasons}`}\n` +
        `It stays for you to look at. To try again, \`switchyard computetarget ${undo} -n ${name}\` first.`,
    );
  } else {
    context.out.error(
      `"${name}" is not ready yet (${stateOf(target)}); it goes on. \`switchyard computetarget wait -n ${name}\` waits further, ` +
        `\`switchyard computetarget ${undo} -n ${name}\` gives it up.`,
    );
  }
  return EXIT.failed;
}

/** Shows a target as a person reads it, or as a program asked for. */
export async function showTarget({ out }: Pick<Context, "out">, target: ComputeTarget): Promise<void> {
  await out.result(target, { human: (paint) => targetText(target, paint), rows: () => targetRow(target, target.healthy !== null) });
}

/** The target is there whatever becomes of this file, so a failure is a warning. */
async function writeConfiguration(
  { global, out, world }: Pick<Context, "global" | "out" | "world">,
  { name, type }: ComputeTarget,
): Promise<void> {
  const { writeTargetConfiguration } = await import("../../project/targetConfiguration.ts");
  try {
    const written = await writeTargetConfiguration(projectFolder(world, global), name, type);
    if (written === null) return;
    const use = `\`switchyard run submit-script -c ${name} train.py\` uses it.`;
    out.note(written.kept ? `Kept ${written.file} as it is. ${use}` : `Wrote ${written.file}. ${use}`);
  } catch (error) {
    out.warn(`The run configuration of ${name} could not be written: ${messageOf(error)}`);
  }
}
