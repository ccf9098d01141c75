import { connect, type Socket } from "node:net";
import type { Duplex, Readable } from "node:stream";
import type { CipherAlgorithm, Client, ClientCallback, ConnectConfig, ServerHostKeyAlgorithm } from "ssh2";
import ssh2 from "ssh2";
import { Authentication } from "./authenticate.ts";
import { explainFailure, unusable } from "./explain.ts";
import { algorithmsFor, type HostKey, hostKeyOf, readHostKey, writeHostKey } from "./hostKey.ts";
import { nameOf, type SshServer } from "./settings.ts";

const CONNECT_MS = 10_000;
const HANDSHAKE_MS = 15_000;
/** A cut cable is noticed after two to four of these. */
const KEEP_ALIVE_MS = 2000;
const KEEP_ALIVE_MISSES = 3;

/** A log-in to the last of several servers, through the others. */
export interface Line {
  readonly client: Client;
  readonly hostKey: HostKey;
  /** Closes it, and the servers on the way. */
  hangUp(): void;
  /** Whether an idle line keeps this process alive. */
  keepsAlive(yes: boolean): void;
}

/** Logs in to `server` through `jump`. Throws ComputeUnreachable that says what went wrong, and where. */
export async function dial(server: SshServer, jump: readonly SshServer[]): Promise<Line> {
  const [first = server, ...rest] = [...jump, server];
  const socket = await openSocket(first);
  const clients: Client[] = [];
  const hangUp = () => {
    for (const client of [...clients].reverse()) client.end();
    socket.destroy();
  };
  try {
    let last = await logIn(first, socket);
    clients.push(last.client);
    for (const next of rest) {
      last = await logIn(next, await openTunnel(last.client, next));
      clients.push(last.client);
    }
    return { ...last, hangUp, keepsAlive: (yes) => void (yes ? socket.ref() : socket.unref()) };
  } catch (error) {
    hangUp();
    throw error;
  }
}

function openSocket(server: SshServer): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: server.address, port: server.port, noDelay: true });
    const fail = (error: unknown) => {
      socket.destroy();
      reject(explainFailure(server, error));
    };
    const timer = setTimeout(() => fail(Object.assign(new Error("no answer"), { code: "ETIMEDOUT" })), CONNECT_MS);
    socket.once("error", fail).once("connect", () => {
      clearTimeout(timer);
      socket.removeListener("error", fail);
      resolve(socket);
    });
    socket.once("close", () => clearTimeout(timer));
  });
}

function openTunnel(client: Client, next: SshServer): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const fail = (words: string, cause?: unknown) => reject(unusable(next, "no_route", words, cause));
    const timer = setTimeout(
      () =>
        fail(`The server on the way does not get through to ${next.address}, port ${next.port}. Check the address, and the network there.`),
      CONNECT_MS,
    );
    const answered: ClientCallback = (error, channel) => {
      clearTimeout(timer);
      if (error !== undefined) {
        const there = `${next.address}, port ${next.port}`;
        return fail(
          `The server on the way cannot connect to ${there}: ${error.message}. Check the address, and that it allows forwarding.`,
          error,
        );
      }
      channel.on("end", () => channel.end()); // a channel is half-open: without this it is never closed
      resolve(channel);
    };
    try {
      client.forwardOut("127.0.0.1", 0, next.address, next.port, answered);
    } catch (error) {
      answered(error as Error, undefined as never); // thrown when the server on the way has just gone
    }
  });
}

function logIn(server: SshServer, stream: Duplex): Promise<Pick<Line, "client" | "hostKey">> {
  const authentication = new Authentication(server);
  const client = new ssh2.Client();
  client.setMaxListeners(0); // each channel may wait for its end
  let shown: HostKey | undefined;
  let refusal: Error | undefined;
  return new Promise((resolve, reject) => {
    const fail = (error: unknown) => {
      client.end();
      stream.destroy();
      reject(refusal ?? explain(server, authentication, error));
    };
    client.once("ready", () => {
      client.removeListener("error", fail).removeListener("close", closed);
      client.on("error", () => {}); // "close" follows, and is listened to
      resolve({ client, hostKey: shown as HostKey });
    });
    const closed = () => fail(new Error("it closed the connection during the log-in"));
    client.on("error", fail).on("close", closed);
    client.connect({
      ...optionsOf(server, authentication),
      sock: stream as Readable,
      hostVerifier: (bytes: Buffer) => {
        shown = hostKeyOf(bytes);
        refusal = whyNotIt(server, shown);
        return refusal === undefined;
      },
    });
  });
}

function explain(server: SshServer, authentication: Authentication, error: unknown): Error {
  const { level, message } = error as { level?: string; message: string };
  if (level === "client-authentication" || /All configured authentication methods failed/.test(message))
    return authentication.explain(error);
  return explainFailure(server, error);
}

function optionsOf(server: SshServer, authentication: Authentication): ConnectConfig {
  const serverHostKey = server.hostKey === null ? null : algorithmsFor(readHostKey(server.hostKey).kind);
  // AES-GCM first: machines have instructions for it, and Node's own library uses them.
  const cipher: CipherAlgorithm[] = [
    "aes128-gcm@openssh.com",
    "aes256-gcm@openssh.com",
    "aes128-gcm",
    "aes256-gcm",
    "aes128-ctr",
    "aes192-ctr",
    "aes256-ctr",
  ];
  return {
    username: server.username,
    readyTimeout: HANDSHAKE_MS,
    keepaliveInterval: KEEP_ALIVE_MS,
    keepaliveCountMax: KEEP_ALIVE_MISSES,
    algorithms: { cipher, ...(serverHostKey === null ? {} : { serverHostKey: serverHostKey as ServerHostKeyAlgorithm[] }) },
    // The types of ssh2 know neither the null of the first call nor a method as the answer.
    authHandler: ((offered: readonly string[] | null, partly: boolean | null) =>
      authentication.next(offered, partly)) as unknown as NonNullable<ConnectConfig["authHandler"]>,
  };
}

/** The error for a server that shows another key than the one that was noted. */
function whyNotIt(server: SshServer, shown: HostKey): Error | undefined {
  if (server.hostKey === null) return undefined;
  const noted = readHostKey(server.hostKey);
  if (noted.fingerprint === shown.fingerprint) return undefined;
  return unusable(
    server,
    "host_key_changed",
    `${nameOf(server)} shows the host key ${writeHostKey(shown)}, but ${writeHostKey(noted)} was noted when it was attached. Nothing was sent to it. ` +
      "If the machine was reinstalled, detach and attach it again; if not, somebody may be listening in between.",
  );
}
