// The server as a process: `main.ts --home DIR [--port N] …`. Prints one line of JSON when it listens.
import { parseArgs } from "node:util";
import { BadRequest, SwitchyardError } from "@switchyard/protocol";
import { loadSettings, settingsOfFlags } from "./config/load.ts";
import { nearest } from "./config/nearest.ts";
import { flagOf, SETTING_NAMES, type ServerSettings, serverSettings } from "./config/settings.ts";
import { createServer, type RunningServer } from "./createServer.ts";
import { killAtFailPoint } from "./failAt.ts";
import { defaultHome, openHome } from "./home/home.ts";
import { HomeInUse } from "./home/lock.ts";
import { VERSION } from "./version.ts";

const EXIT = { failed: 1, usage: 2, homeInUse: HomeInUse.exitCode } as const;

try {
  await main();
} catch (error) {
  process.stderr.write(`switchyard server: ${error instanceof Error ? error.message : String(error)}\n`);
  const foreseen = error instanceof SwitchyardError || error instanceof HomeInUse;
  if (!foreseen && error instanceof Error) process.stderr.write(`${error.stack}\n`);
  process.exit(error instanceof HomeInUse ? EXIT.homeInUse : error instanceof BadRequest ? EXIT.usage : EXIT.failed);
}

async function main(): Promise<void> {
  const { home: homeFlag, help, version, ...flags } = readFlags(process.argv.slice(2));
  if (help) return void process.stdout.write(usage());
  if (version) return void process.stdout.write(`${VERSION}\n`);
  if (process.env.SWITCHYARD_FAIL_AT) killAtFailPoint(process.env.SWITCHYARD_FAIL_AT);
  const home = openHome(homeFlag ?? defaultHome(process.env));
  const settings = loadSettings(home.config, process.env, flags);
  let stop = () => {};
  const key = process.env.SWITCHYARD_KEY; // never a flag: argument lists can be read by everybody on the machine
  const server = await createServer({ ...settings, home: home.path, ...(key && { key }), onStopRequested: () => stop() });
  stop = stopOnSignals(server);
  process.stdout.on("error", () => undefined); // who started us may be gone
  process.stdout.write(`${JSON.stringify({ url: server.url, pid: process.pid })}\n`);
}

/** Stops at SIGTERM and SIGINT: gracefully at the first, at once at the second. */
function stopOnSignals(server: RunningServer): () => void {
  let stopping = false;
  const stop = (signal?: NodeJS.Signals) => {
    if (stopping && signal !== undefined) process.exit(EXIT.failed);
    if (stopping) return;
    stopping = true;
    server.log.info({ signal }, "stopping; runs go on");
    server.close().then(() => process.exit(0));
  };
  process.on("SIGTERM", stop);
  process.on("SIGINT", stop);
  process.on("unhandledRejection", (err) => server.log.error({ err }, "a promise failed that nobody waited for"));
  process.on("uncaughtException", (err) => {
    server.log.fatal({ err }, "the server met an error that it did not foresee and ends; runs go on");
    process.exit(EXIT.failed);
  });
  return () => stop();
}

interface Flags extends ServerSettings {
  readonly home?: string;
  readonly help?: boolean;
  readonly version?: boolean;
}

function readFlags(args: string[]): Flags {
  const known = [...SETTING_NAMES.map(flagOf), "home", "help", "version"];
  const options = Object.fromEntries(
    known.map((flag) => [flag, { type: ["help", "version"].includes(flag) ? "boolean" : "string" } as const]),
  );
  let values: Record<string, string | boolean | undefined>;
  try {
    ({ values } = parseArgs({ args, options, allowPositionals: false }));
  } catch (cause) {
    const wrong = /'--?([\w-]+)/.exec((cause as Error).message)?.[1];
    const meant = wrong === undefined || known.includes(wrong) ? null : nearest(wrong, known);
    throw new BadRequest(`${(cause as Error).message.split(". ")[0]}.${meant === null ? "" : ` Did you mean --${meant}?`} See --help.`, {
      cause,
    });
  }
  const { home, help, version } = values;
  const given = SETTING_NAMES.flatMap((name) => (values[flagOf(name)] === undefined ? [] : [[name, String(values[flagOf(name)])]]));
  return {
    ...settingsOfFlags(Object.fromEntries(given)),
    ...(typeof home === "string" && { home }),
    help: help === true,
    version: version === true,
  };
}

function usage(): string {
  const lines = SETTING_NAMES.map((name) => `  --${flagOf(name).padEnd(32)}${serverSettings.shape[name].description ?? ""}`.trimEnd());
  return [
    "The Switchyard server. Prints one line of JSON with its url and pid when it listens.",
    "",
    "  --home DIR                        everything of this server lies here (default ~/.switchyard)",
    ...lines,
    "",
    "Settings come from config.json in the home, the environment (SWITCHYARD_LOG_LEVEL and so on) and flags; the last wins.",
    `Exit codes: ${EXIT.usage} wrong settings, ${EXIT.homeInUse} another server serves this home, ${EXIT.failed} anything else.`,
    "",
  ].join("\n");
}
