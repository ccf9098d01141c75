import { setTimeout as delay } from "node:timers/promises";
import type { ComputeUnreachable } from "@switchyard/protocol";
import type { ClientCallback, ClientChannel } from "ssh2";
import { dial, type Line } from "./dial.ts";
import { isRefusal, unusable } from "./explain.ts";
import { type HostKey, writeHostKey } from "./hostKey.ts";
import { nameOf, type SshServer } from "./settings.ts";
import { Slots } from "./slots.ts";
import { orAborted } from "./waits.ts";

/** sshd's usual MaxSessions is 10; two are left to whoever else may share the connection one day. */
const MOST_CHANNELS = 8;
const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 5000;
/** After a refusal (wrong password, changed host key) the same answer is given for this long without asking. */
const REFUSED_FOR_MS = 30_000;
const OPEN_CHANNEL_MS = 15_000;
const MOST_REFUSALS = 8;
const REFUSAL_PAUSE_MS = 50;

/** A channel on which a command runs. Whoever opened it must read `channel` and `channel.stderr` to their ends. */
export interface OpenChannel {
  readonly channel: ClientChannel;
  /** Settles when the channel is closed. Null: the connection was lost, or the host did not say. */
  readonly exit: Promise<{ readonly code: number | null; readonly signal: string | null } | null>;
}

/**
 * One connection to one account of one server, shared by all that happens there. It is made when it is first needed, and
 * again after it broke; while that does not work, the tries are ever further apart.
 */
export class SshConnection {
  readonly server: SshServer;
  readonly #jump: readonly SshServer[];
  readonly #slots = new Slots(MOST_CHANNELS);
  readonly #spare = new Set<() => void>();
  #line: Line | undefined;
  #dialing: Promise<Line> | undefined;
  #failures = 0;
  #notBeforeMs = 0;
  #refusal: { error: Error; untilMs: number } | undefined;
  #count = 0;
  readonly #onLost = new Set<() => void>();
  readonly #onReady = new Set<(line: Line) => void>();

  constructor(server: SshServer, jump: readonly SshServer[]) {
    this.server = server;
    this.#jump = jump;
  }

  get name(): string {
    return nameOf(this.server);
  }

  /** Counts the connections: what was learned over an earlier one may not hold over this one. */
  get count(): number {
    return this.#count;
  }

  /** Notes a channel that is only kept for later. When channels are scarce, `letGo` is called, for the longest kept first. */
  keepForLater(letGo: () => void): void {
    this.#spare.add(letGo);
    if (this.#slots.isCrowded) this.#letOneGo();
  }

  /** The channel is in use again. */
  takeBack(letGo: () => void): void {
    this.#spare.delete(letGo);
  }

  #letOneGo(): void {
    const [first] = this.#spare;
    if (first === undefined) return;
    this.#spare.delete(first);
    first();
  }

  /** The server's host key, connecting if need be. */
  async hostKey(signal: AbortSignal): Promise<string> {
    return writeHostKey((await this.#connected(signal)).hostKey as HostKey);
  }

  /** Is told of every new connection, and of this one if there is one. */
  onReady(tell: (line: Line) => void): () => void {
    this.#onReady.add(tell);
    if (this.#line !== undefined) tell(this.#line);
    return () => this.#onReady.delete(tell);
  }

  /** Runs a command on a channel of its own. */
  async open(command: string, signal: AbortSignal): Promise<OpenChannel> {
    for (let refusals = 0; ; refusals += 1) {
      if (this.#slots.isFull) this.#letOneGo();
      const giveBack = await this.#slots.take(signal);
      try {
        const line = await this.#connected(signal);
        const opened = await this.#exec(line, command, signal);
        line.keepsAlive(true);
        void opened.exit.finally(() => {
          giveBack();
          if (this.#slots.taken === 0) line.keepsAlive(false);
        });
        return opened;
      } catch (error) {
        giveBack();
        if (!(error instanceof NoChannel)) throw error;
        await this.#wait(error, refusals, signal);
      }
    }
  }

  /** The server takes fewer channels at a time than we hoped for: waits until one of ours is closed. */
  async #wait(refusal: NoChannel, refusals: number, signal: AbortSignal): Promise<void> {
    const others = this.#slots.taken;
    this.#slots.narrowTo(others);
    if (others > 0) return;
    // None of ours is open; but a server counts a channel until its command has ended.
    if (refusals < MOST_REFUSALS) return delay(REFUSAL_PAUSE_MS * (refusals + 1), undefined, { signal });
    const words = `${this.name} lets us in but allows no command to be run: ${refusal.message}. Check MaxSessions and ForceCommand in its sshd_config.`;
    throw unusable(this.server, "no_sessions", words, refusal);
  }

  /** Hangs up; a later call connects again. */
  close(): void {
    this.#line?.hangUp();
    this.#forget(this.#line);
  }

  async #connected(signal: AbortSignal): Promise<Line> {
    if (this.#line !== undefined) return this.#line;
    this.#dialing ??= this.#dial().finally(() => {
      this.#dialing = undefined;
    });
    this.#dialing.catch(() => {}); // whoever waits for it is told
    return orAborted(this.#dialing, signal);
  }

  async #dial(): Promise<Line> {
    if (this.#refusal !== undefined && performance.now() < this.#refusal.untilMs) throw this.#refusal.error;
    const pauseMs = this.#notBeforeMs - performance.now();
    if (pauseMs > 0) await delay(pauseMs);
    try {
      const line = await dial(this.server, this.#jump);
      this.#greet(line);
      return line;
    } catch (error) {
      this.#failures += 1;
      this.#notBeforeMs = performance.now() + Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(this.#failures - 1, 10));
      if (isRefusal(error)) this.#refusal = { error: error as Error, untilMs: performance.now() + REFUSED_FOR_MS };
      throw error;
    }
  }

  #greet(line: Line): void {
    this.#line = line;
    this.#failures = 0;
    this.#notBeforeMs = 0;
    this.#refusal = undefined;
    this.#count += 1;
    this.#slots.widen(); // how many channels there may be is counted for each connection
    // After an error the library only says farewell, and waits for an answer that a dead machine never gives.
    line.client.once("error", () => this.#forget(line)).once("close", () => this.#forget(line));
    line.keepsAlive(false);
    for (const tell of this.#onReady) tell(line);
  }

  #forget(line: Line | undefined): void {
    if (line === undefined || this.#line !== line) return;
    this.#line = undefined;
    line.hangUp();
    for (const tell of [...this.#onLost]) tell();
  }

  #exec(line: Line, command: string, signal: AbortSignal): Promise<OpenChannel> {
    return new Promise((resolve, reject) => {
      const lost = () => settle(() => reject(this.#lost()));
      const timer = setTimeout(lost, OPEN_CHANNEL_MS);
      const abort = () => settle(() => reject(signal.reason));
      let settled = false;
      const settle = (act: () => void) => {
        if (settled) return;
        settled = true;
        clearTimeout(timer);
        this.#onLost.delete(lost);
        signal.removeEventListener("abort", abort);
        act();
      };
      this.#onLost.add(lost);
      signal.addEventListener("abort", abort, { once: true });
      const answered: ClientCallback = (error, channel) => {
        if (error !== undefined)
          return settle(() => reject(this.#line === line ? new NoChannel(error.message, { cause: error }) : this.#lost()));
        if (settled) {
          channel.resume();
          channel.stderr.resume();
          channel.close();
          return;
        }
        settle(() => resolve({ channel, exit: this.#exitOf(channel) }));
      };
      try {
        line.client.exec(command, answered);
      } catch {
        // it can no longer be written to, which the library may not have told us yet
        this.#forget(line);
        lost();
      }
    });
  }

  #exitOf(channel: ClientChannel): OpenChannel["exit"] {
    return new Promise((resolve) => {
      const done = (code: number | null | undefined, signal: string | undefined) => {
        this.#onLost.delete(lost);
        resolve(code === undefined || (code === null && signal === undefined) ? null : { code, signal: signal ?? null });
      };
      const lost = () => {
        channel.destroy();
        channel.emit("close"); // for its readers; a line that is gone closes no channel by itself
        done(undefined, undefined);
      };
      this.#onLost.add(lost);
      channel.once("close", done);
      channel.on("error", () => {}); // a write after the end; what became of the command its exit says
    });
  }

  #lost(): ComputeUnreachable {
    return unusable(this.server, "connection_lost", `The connection to ${this.name} was lost. Its jobs go on; it is asked again.`);
  }
}

class NoChannel extends Error {}
