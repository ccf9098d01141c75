import { createHash } from "node:crypto";
import { connect } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import type { ClientChannel, ServerChannel } from "ssh2";
import type { JobBundle } from "../contract.ts";
import type { SshConnection } from "./connection.ts";
import type { Line } from "./dial.ts";
import { orAborted } from "./waits.ts";

const FIRST_PORT = 20_000;
const PORTS = 20_000;
const TRIES = 4;
const TRY_AGAIN_MS = 1000;
const TRY_LATER_MS = 30_000;
/** A job does not wait longer than this for a way home that it may never need. */
const PATIENCE_MS = 5000;

/**
 * A port of the other machine's loopback that leads to this server, for scripts that ask it questions (MLflow, queries)
 * from a machine that cannot reach it. It is always the same port, so that it is found again after either side was away;
 * meanwhile connections are refused, and a script's journal does not need it.
 */
export class WayHome {
  readonly #connection: SshConnection;
  readonly #home: URL;
  readonly port: number;
  #open: Promise<boolean> = Promise.resolve(false);

  /** One for each connection and server: a second one would answer the first one's callers. */
  static readonly #known = new WeakMap<SshConnection, Map<string, WayHome>>();

  /** Null when the server's address is one that other machines can try by themselves. */
  static to(serverUrl: string, connection: SshConnection): WayHome | null {
    const home = new URL(serverUrl);
    if (!isLoopback(home.hostname) || home.protocol !== "http:") return null;
    const known = WayHome.#known.get(connection) ?? new Map<string, WayHome>();
    WayHome.#known.set(connection, known);
    const way = known.get(home.origin) ?? new WayHome(connection, home);
    known.set(home.origin, way);
    return way;
  }

  private constructor(connection: SshConnection, home: URL) {
    this.#connection = connection;
    this.#home = home;
    const { address, port, username } = connection.server;
    const digest = createHash("sha256").update(JSON.stringify([home.host, address, port, username])).digest(); // biome-ignore format: one line
    this.port = FIRST_PORT + (digest.readUInt32BE(0) % PORTS);
    connection.onReady((line) => this.#openOn(line));
  }

  /** Whether it is there now; waits a little until that is known for this connection. */
  async isOpen(signal: AbortSignal): Promise<boolean> {
    await this.#connection.hostKey(signal); // there is a connection
    const patience = delay(PATIENCE_MS, false, { ref: false });
    return orAborted(Promise.race([this.#open, patience]), signal);
  }

  /** The job with variables that name this server naming the port there instead. */
  lead(bundle: JobBundle): JobBundle {
    const { origin, host } = this.#home;
    const there = `127.0.0.1:${this.port}`;
    // MLflow knows the server by a scheme of ours
    const ways = [
      [origin, `http://${there}`],
      [`switchyard://${host}`, `switchyard://${there}`],
    ] as const;
    const lead = (value: string) => {
      const [from, to] = ways.find(([from]) => value === from || value.startsWith(`${from}/`)) ?? ["", ""];
      return to + value.slice(from.length);
    };
    const variables = Object.fromEntries(Object.entries(bundle.job.variables).map(([name, value]) => [name, lead(value)]));
    return { ...bundle, job: { ...bundle.job, variables } };
  }

  #openOn(line: Line): void {
    let isGone = false;
    line.client.once("close", () => {
      isGone = true;
    });
    line.client.on("tcp connection", ({ destPort }, accept) => {
      if (destPort === this.port) this.#join(accept()); // any other leads to another server, which takes it itself
    });
    this.#open = this.#ask(line, () => isGone);
  }

  async #ask(line: Line, isGone: () => boolean): Promise<boolean> {
    for (let tries = 0; tries < TRIES && !isGone(); tries += 1) {
      if (await this.#forward(line)) return true;
      // The port may still be held by a connection of ours that broke. Its server notices once it must send something.
      if (!(await this.#knock(line))) break;
      await delay(TRY_AGAIN_MS, undefined, { ref: false });
    }
    void delay(TRY_LATER_MS, undefined, { ref: false }).then(() => {
      if (!isGone()) this.#open = this.#ask(line, isGone);
    });
    return false;
  }

  #forward({ client }: Line): Promise<boolean> {
    return new Promise<boolean>((resolve) => {
      client.once("close", () => resolve(false));
      client.forwardIn("127.0.0.1", this.port, (error) => resolve(error === undefined));
    }).catch(notConnected);
  }

  /** False when the server allows no forwarding at all. */
  #knock({ client }: Line): Promise<boolean> {
    return new Promise<boolean>((resolve) => {
      client.once("close", () => resolve(false));
      client.forwardOut("127.0.0.1", 0, "127.0.0.1", this.port, (error, channel) => {
        if (error !== undefined) return resolve(!/prohibited/i.test(error.message));
        channel.resume();
        channel.destroy();
        resolve(true);
      });
    }).catch(notConnected);
  }

  #join(channel: ServerChannel | ClientChannel): void {
    const socket = connect({ host: this.#home.hostname.replace(/^\[|\]$/g, ""), port: Number(this.#home.port || 80) });
    socket.on("error", () => channel.destroy()).on("close", () => channel.destroy());
    channel.on("error", () => socket.destroy()).on("close", () => socket.destroy());
    channel.pipe(socket).pipe(channel); // pipes pass on the end of either side
  }
}

const isLoopback = (host: string): boolean => /^(127(\.\d+){3}|localhost|\[::1\])$/.test(host);

/** The library throws when its connection can no longer be written to, which it may not have told us yet. */
const notConnected = () => false;
