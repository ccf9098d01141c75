import type { LogChunk, RunDetails } from "@switchyard/protocol";
import type { Context } from "../command.ts";
import { EXIT } from "../errors.ts";
import type { Output } from "../output/output.ts";
import type { Client, Sink } from "../world.ts";

/** How following ended: with the run, or because the person has seen enough. */
export type Followed = { readonly detached: false; readonly run: RunDetails } | { readonly detached: true; readonly exitCode: number };

/** What the supervisor does is of interest only to who asks for it (--verbose, or the file by name). */
const CONTROL_LOG = "azureml-logs/60_control_log.txt";

type Params = { readonly workspace: string; readonly runId: string };

export interface FollowOptions {
  /** only this log file */
  readonly file?: string | undefined;
  /** where the text goes, when not where `Output.stream` says */
  readonly to?: Sink | undefined;
}

/**
 * Prints the logs of a run as they grow until it has ended. The first Ctrl-C detaches: the run goes on, for it needs
 * nobody who watches.
 */
export async function followRun(
  { out, world }: Pick<Context, "out" | "world">,
  api: Client,
  params: Params,
  options: FollowOptions = {},
): Promise<Followed> {
  const detach = new AbortController();
  const stopListening = world.onInterrupt(() => detach.abort());
  let ended = false;
  try {
    ended = await printLogs(out, api, params, options, detach.signal);
  } catch (error) {
    if (!detach.signal.aborted) throw error;
  } finally {
    stopListening();
  }
  if (ended || !detach.signal.aborted) return { detached: false, run: await api.getRun({ params }) };
  out.note(
    `\nDetached. The run goes on; watch it with \`switchyard run monitor-logs -r ${params.runId}\`, ` +
      `stop it with \`switchyard run cancel -r ${params.runId}\`.`,
  );
  return { detached: true, exitCode: EXIT.interrupted };
}

/** True when the run has ended, false when `signal` was aborted before. */
async function printLogs(out: Output, api: Client, params: Params, { file, to }: FollowOptions, signal: AbortSignal): Promise<boolean> {
  const logs = new LogPrinter(
    (text) => out.write(text, to),
    (heading) => out.note(heading),
    out.paint.dim,
  );
  try {
    for await (const event of api.logs({ params, query: file === undefined ? {} : { file }, signal })) {
      if (event.kind === "log") {
        if (event.file !== CONTROL_LOG || file !== undefined || out.isVerbose) logs.print(event);
      } else if (event.kind === "end") return true;
      else out.detail(`Status: ${event.status}`);
    }
    return false;
  } finally {
    logs.end();
  }
}

/** Writes chunks of several files one after the other, with a heading where the file changes. */
export class LogPrinter {
  readonly #write: (text: string) => void;
  readonly #note: (heading: string) => void;
  readonly #dim: (text: string) => string;
  #current: string | undefined;
  #atLineStart = true;

  constructor(write: (text: string) => void, note: (heading: string) => void, dim: (text: string) => string) {
    this.#write = write;
    this.#note = note;
    this.#dim = dim;
  }

  print(chunk: Pick<LogChunk, "file" | "attempt" | "text">): void {
    if (chunk.text === "") return;
    const source = `${chunk.attempt}/${chunk.file}`;
    if (source !== this.#current) {
      this.end();
      const title = `Streaming ${chunk.file}${chunk.attempt > 1 ? ` (attempt ${chunk.attempt})` : ""}`;
      this.#note(`${this.#current === undefined ? "" : "\n"}${this.#dim(title)}\n${this.#dim("=".repeat(title.length))}`);
      this.#current = source;
    }
    this.#write(chunk.text);
    this.#atLineStart = chunk.text.endsWith("\n");
  }

  /** Ends a line that the log left open, so that what follows begins at the left. */
  end(): void {
    if (!this.#atLineStart) this.#write("\n");
    this.#atLineStart = true;
  }
}
