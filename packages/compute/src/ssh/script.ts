import { randomBytes } from "node:crypto";
import type { Writable } from "node:stream";
import { ComputeUnreachable } from "@switchyard/protocol";
import type { ClientChannel } from "ssh2";
import { ByteReader, EndOfStream, Noise } from "./byteReader.ts";
import type { OpenChannel, SshConnection } from "./connection.ts";
import { unusable } from "./explain.ts";

/** Start-up files may print this much before a script begins. */
const MOST_NOISE_BYTES = 1024 * 1024;
const MOST_ERROR_BYTES = 64 * 1024;

/** A POSIX shell script that runs on the other machine, whatever the account's own shell is and prints when it starts. */
export class RemoteScript {
  readonly output: ByteReader;
  readonly #connection: SshConnection;
  readonly #opened: OpenChannel;
  readonly #complaints: Promise<string>;
  readonly #dismiss: () => void;

  private constructor(connection: SshConnection, opened: OpenChannel, mark: string, dismiss: () => void) {
    this.#connection = connection;
    this.#opened = opened;
    this.output = new ByteReader(opened.channel);
    this.#complaints = complaintsOf(opened.channel, mark);
    this.#dismiss = dismiss;
  }

  /** Starts `script`; its standard input is what `input` then takes. */
  static async start(connection: SshConnection, script: string, signal: AbortSignal): Promise<RemoteScript> {
    const mark = randomBytes(8).toString("hex");
    const opened = await connection.open(bootstrap(mark), signal);
    const abort = () => remote.close();
    signal.addEventListener("abort", abort, { once: true });
    const remote = new RemoteScript(connection, opened, mark, () => signal.removeEventListener("abort", abort));
    void opened.exit.finally(remote.#dismiss);
    opened.channel.write(`${oneLine(script)}\n`);
    try {
      await remote.output.skipPast(`${SHOUT}-${mark}`, MOST_NOISE_BYTES);
    } catch (error) {
      remote.close();
      signal.throwIfAborted();
      throw await remote.#explainSilence(error);
    }
    return remote;
  }

  get input(): Writable {
    return this.#opened.channel;
  }

  /** From here on the script outlives the call that started it: only `close` ends it. */
  keep(): void {
    this.#dismiss();
  }

  close(): void {
    this.#opened.channel.destroy();
    this.output.discard();
  }

  get exit(): OpenChannel["exit"] {
    return this.#opened.exit;
  }

  /** Reads to the end. Throws ComputeUnreachable when the channel closed and nobody knows how the script ended. */
  async finish(): Promise<{ readonly code: number | null; readonly stdout: Buffer; readonly stderr: string }> {
    const stdout = await this.output.rest().catch(() => Buffer.alloc(0));
    const exit = await this.#opened.exit;
    if (exit === null) throw this.lost();
    return { code: exit.code, stdout, stderr: await this.#complaints };
  }

  /** What it said on its standard error, once it has ended. */
  get complaints(): Promise<string> {
    return this.#complaints;
  }

  lost(cause?: unknown): ComputeUnreachable {
    const words = `The connection to ${this.#connection.name} was lost. Its jobs go on; it is asked again.`;
    return unusable(this.#connection.server, "connection_lost", words, cause);
  }

  async #explainSilence(cause: unknown): Promise<Error> {
    if (!(cause instanceof Noise) && !(cause instanceof EndOfStream)) return this.lost(cause);
    const exit = await this.#opened.exit;
    if (exit === null && !(cause instanceof Noise && cause.cause === undefined)) return this.lost(cause);
    const said = `${cause instanceof Noise ? cause.text : ""} ${await this.#complaints}`.replace(/\s+/g, " ").trim().slice(0, 300);
    const { name, server } = this.#connection;
    if (exit?.code === 127) {
      return unusable(
        server,
        "no_shell",
        `${name} has no POSIX shell "sh" on its PATH${said === "" ? "" : ` (it said: ${said})`}. Jobs need one.`,
        cause,
      );
    }
    return unusable(
      server,
      "no_shell",
      `${name} lets us in but does not run commands; it ended with code ${exit?.code ?? "none"} and said: ${said || "nothing"}. Check the account's login shell and start-up files.`,
      cause,
    );
  }
}

const SHOUT = "switchyard";

/**
 * Words that every login shell (sh, bash, dash, zsh, fish, csh) reads alike: no quote, newline, backslash at the end or
 * exclamation mark within the single quotes. The script itself comes on standard input, so that it has no limit of
 * length and appears in no list of processes. The mark is cut in two, for a shell that echoes its commands.
 */
const bootstrap = (mark: string): string =>
  `exec sh -c 'echo ${SHOUT}"-"${mark}; echo ${SHOUT}"-"${mark} >&2; IFS= read -r s; eval "$(printf "%s" "$s" | tr "\\001" "\\012")"'`;

/** `read` takes exactly one line from a pipe and nothing more, in every shell. */
const oneLine = (script: string): string => script.trim().replaceAll("\n", "\u0001");

/** All is read, for a channel with something unread is never closed; the beginning is what is kept. */
function complaintsOf(channel: ClientChannel, mark: string): Promise<string> {
  const pieces: Buffer[] = [];
  let length = 0;
  channel.stderr.on("data", (chunk: Buffer) => {
    if (length < MOST_NOISE_BYTES + MOST_ERROR_BYTES) pieces.push(chunk);
    length += chunk.length;
  });
  return new Promise((resolve) => {
    const done = () => {
      const text = Buffer.concat(pieces).toString("utf8");
      const at = text.indexOf(`${SHOUT}-${mark}`);
      resolve((at < 0 ? text : text.slice(at + SHOUT.length + mark.length + 1)).trim().slice(0, MOST_ERROR_BYTES));
    };
    channel.stderr.once("end", done);
    channel.once("close", done);
  });
}

/** Runs a script with nothing but `input` on its standard input, to its end. */
export async function runScript(
  connection: SshConnection,
  script: string,
  signal: AbortSignal,
  input: string | Uint8Array = "",
): Promise<{ readonly code: number | null; readonly stdout: string; readonly stderr: string }> {
  const remote = await RemoteScript.start(connection, script, signal);
  remote.input.end(input);
  try {
    const { code, stdout, stderr } = await remote.finish();
    return { code, stdout: stdout.toString("utf8"), stderr };
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  }
}

/** Assignments at the beginning of a script. */
export function assign(values: Readonly<Record<string, string>>): string {
  return Object.entries(values).map(([name, value]) => `${name}=${quoteForShell(value)}\n`).join(""); // biome-ignore format: one line
}

/** A value as one word of a POSIX shell. */
export const quoteForShell = (value: string): string => {
  if (value.includes("\0") || value.includes("\u0001"))
    throw new ComputeUnreachable(`"${value.slice(0, 100)}" has a control character, which a path on another machine cannot have.`);
  return `'${value.replaceAll("'", `'\\''`)}'`;
};
