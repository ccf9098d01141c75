import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, writeSync } from "node:fs";
import { dirname, join } from "node:path";
import { BadRequest, ServerUnreachable } from "@switchyard/protocol/errors";
import { type FoundServer, findServer } from "./findServer.ts";
import { serverCommand } from "./serverCommand.ts";

/** A first start makes a database and may meet a machine that is busy with much else. */
const PATIENCE_SECONDS = 60;
const LOOK_EVERY_MS = 25;
const LOG_LINES = 15;
/** The server's way to say that another one serves this home: then that one is as good. */
const HOME_IN_USE = 3;
/** The server's way to say that its settings are wrong. */
const WRONG_SETTINGS = 2;
/** How the server begins what it says for a person. */
const SPEAKS = "switchyard server: ";

/**
 * Starts the server of a home, detached, and waits until it answers. When several start it at once the home's lock lets
 * one of them win, and all wait for that one. Throws BadRequest when its settings are wrong, else ServerUnreachable with what it said,
 * or the last lines of its log, when it does not come up.
 */
export async function startServer(home: string, serverArguments: readonly string[] = []): Promise<FoundServer> {
  const [program, ...first] = serverCommand();
  makeFolder(join(home, "logs"));
  const log = openLog(join(home, "logs", "server-start.log"));
  const child = spawn(program, [...first, "--home", home, ...serverArguments], {
    detached: true,
    stdio: ["ignore", log.descriptor, log.descriptor],
    cwd: home,
  });
  closeSync(log.descriptor);
  child.unref();
  return await waitUntilItAnswers(home, exitOf(child), log);
}

/** Makes a folder and those above it, one by one: where a system lets nobody make any (/proc), Node's own recursive way never ends. */
function makeFolder(path: string): void {
  if (existsSync(path)) return;
  makeFolder(dirname(path));
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
}

interface StartLog {
  readonly path: string;
  readonly descriptor: number;
  /** where this start's lines begin */
  readonly from: number;
}

function openLog(path: string): StartLog {
  const descriptor = openSync(path, "a", 0o600);
  writeSync(descriptor, `--- ${new Date().toISOString()} starting\n`);
  return { path, descriptor, from: readFileSync(path).length };
}

type Exit = { readonly how: string; readonly code: number | null };

/** What became of the child, for as long as somebody asks. */
function exitOf(child: ChildProcess): () => Exit | null {
  let exit: Exit | null = null;
  child.once("error", (error) => {
    exit = { how: error.message, code: null };
  });
  child.once("exit", (code, signal) => {
    exit = { how: signal === null ? `exit code ${code}` : `signal ${signal}`, code };
  });
  return () => exit;
}

async function waitUntilItAnswers(home: string, exit: () => Exit | null, log: StartLog): Promise<FoundServer> {
  const until = performance.now() + PATIENCE_SECONDS * 1000;
  while (performance.now() < until) {
    const ended = exit();
    const found = await findServer(home);
    if (found !== null) return found;
    if (ended !== null && ended.code !== HOME_IN_USE) throw explain(home, ended, log);
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
  throw failed(home, `did not answer within ${PATIENCE_SECONDS} s`, log);
}

/** What the server said for a person, where it did. */
function explain(home: string, { how, code }: Exit, log: StartLog): Error {
  const said = linesOf(log).find((line) => line.startsWith(SPEAKS));
  if (said === undefined) return failed(home, `ended with ${how}`, log);
  const message = said.slice(SPEAKS.length);
  if (code === WRONG_SETTINGS) return new BadRequest(`The server for ${home} was not started: ${message}`, { details: { home } });
  return new ServerUnreachable(`The server for ${home} did not start: ${message}`, { details: { home, log: log.path } });
}

const linesOf = (log: StartLog): string[] => readFileSync(log.path).subarray(log.from).toString().trimEnd().split("\n");

function failed(home: string, how: string, log: StartLog): ServerUnreachable {
  const lines = linesOf(log).slice(-LOG_LINES);
  const said = lines.join("") === "" ? "It said nothing." : `Its last lines:\n${lines.map((line) => `  ${line}`).join("\n")}`;
  return new ServerUnreachable(`The server for ${home} was started but ${how}. ${said}\nAll of it is in ${log.path}.`, {
    details: { home, log: log.path },
  });
}
