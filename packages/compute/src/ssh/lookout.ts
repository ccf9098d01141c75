import type { ByteReader } from "./byteReader.ts";
import type { SshConnection } from "./connection.ts";
import { unusable } from "./explain.ts";
import type { RemoteFiles } from "./remoteFiles.ts";
import { assign, RemoteScript } from "./script.ts";
import { orAborted } from "./waits.ts";

const ANSWER_MS = 60_000;
const IDLE_MS = 60_000;

/**
 * A program on the other machine that answers questions about its job directories, one after the other: `look.py`, or
 * `look.sh` where there is no Python. It is started for the first question and kept for the next ones, because starting
 * a program there costs more than a look.
 */
export class Lookout {
  readonly #connection: SshConnection;
  readonly #files: RemoteFiles;
  #program: RemoteScript | undefined;
  #last: Promise<unknown> = Promise.resolve();
  #idle: NodeJS.Timeout | undefined;

  constructor(connection: SshConnection, files: RemoteFiles) {
    this.#connection = connection;
    this.#files = files;
  }

  /** Asks a question, and reads its answer with `read`; questions of others wait meanwhile. */
  ask<T>(question: string, read: (answer: ByteReader) => Promise<T>, signal: AbortSignal): Promise<T> {
    const asked = this.#last.catch(() => {}).then(() => this.#ask(question, read, signal));
    this.#last = asked;
    return orAborted(asked, signal);
  }

  readonly #letGo = (): void => this.close();

  close(program = this.#program): void {
    clearTimeout(this.#idle);
    this.#connection.takeBack(this.#letGo);
    program?.close();
    this.#program = undefined;
  }

  async #ask<T>(question: string, read: (answer: ByteReader) => Promise<T>, signal: AbortSignal): Promise<T> {
    signal.throwIfAborted();
    this.#connection.takeBack(this.#letGo);
    clearTimeout(this.#idle);
    const patience = AbortSignal.timeout(ANSWER_MS);
    const until = AbortSignal.any([signal, patience]);
    let program = this.#program;
    try {
      program ??= await this.#start(until);
      this.#program = program;
      program.input.write(question);
      return await orAborted(read(program.output), until);
    } catch (error) {
      this.close(program); // half an answer may still come
      signal.throwIfAborted();
      const { server, name } = this.#connection;
      if (patience.aborted)
        throw unusable(
          server,
          "timeout",
          `${name} did not answer within ${ANSWER_MS / 1000} s. Is it overloaded? It is asked again.`,
          error,
        );
      throw program === undefined ? error : program.lost(error);
    } finally {
      this.#rest();
    }
  }

  async #start(signal: AbortSignal): Promise<RemoteScript> {
    const [python, processes, shell] = await Promise.all(["look.py", "../process.sh", "look.sh"].map((name) => this.#files.text(name)));
    const script = `${assign({ program: python ?? "" })}
if command -v python3 >/dev/null 2>&1 && python3 -S -E -c 'import sys; sys.exit(sys.version_info < (3, 5))' </dev/null >/dev/null 2>&1; then
  exec python3 -S -E -c "$program"
fi
${processes}
${shell}`;
    const program = await RemoteScript.start(this.#connection, script, signal);
    program.keep();
    try {
      await orAborted(program.output.line(), signal); // `ready`
    } catch (error) {
      program.close();
      signal.throwIfAborted();
      throw program.lost(error);
    }
    void program.exit.then(() => {
      if (this.#program === program) this.#program = undefined;
    });
    return program;
  }

  /** Kept for the next question, unless somebody needs the channel more or nobody asks again. */
  #rest(): void {
    clearTimeout(this.#idle);
    if (this.#program === undefined) return;
    this.#connection.keepForLater(this.#letGo);
    this.#idle = setTimeout(this.#letGo, IDLE_MS);
    this.#idle.unref();
  }
}
