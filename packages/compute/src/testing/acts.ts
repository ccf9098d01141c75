/**
 * What a test's script does, step by step. A list of acts is rendered as a shell script for computes that run processes,
 * and carried out directly by the fake compute, so that one suite can be asked of both.
 */
export type Act =
  /** a line on standard output */
  | { readonly say: string }
  /** numbered lines `<prefix> 1` … on standard output */
  | { readonly sayMany: { readonly prefix: string; readonly lines: number } }
  /** a file below the working directory, `outputs/model.bin`, or beside it in the job directory, `../uploads/plot.png` */
  | { readonly write: { readonly path: string; readonly text: string } }
  /** waits until this file exists on the test's machine */
  | { readonly waitFor: string }
  | { readonly exit: number }
  | { readonly dieOf: "TERM" | "KILL" };

/** The variable of job.json that carries the acts to the fake compute. */
export const ACTS_VARIABLE = "SWITCHYARD_TEST_ACTS";

/** The acts as a POSIX shell script. */
export function renderActs(acts: readonly Act[]): string {
  return `${acts.map(renderAct).join("\n")}\n`;
}

function renderAct(act: Act): string {
  if ("say" in act) return `printf '%s\\n' ${quote(act.say)}`;
  if ("sayMany" in act) {
    const { prefix, lines } = act.sayMany;
    return `i=1; while [ $i -le ${lines} ]; do echo ${quote(prefix)} $i; i=$((i+1)); done`;
  }
  if ("write" in act) {
    const folder = act.write.path.includes("/") ? act.write.path.replace(/\/[^/]*$/, "") : ".";
    return `mkdir -p ${quote(folder)} && printf '%s' ${quote(act.write.text)} > ${quote(act.write.path)}`;
  }
  if ("waitFor" in act) return `while [ ! -e ${quote(act.waitFor)} ]; do sleep 0.02; done`;
  if ("exit" in act) return `exit ${act.exit}`;
  return `kill -${act.dieOf} $$`;
}

/** One word of a shell command, whatever is in it. */
export const quote = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;
