import { ServerUnreachable, Unauthenticated } from "@switchyard/protocol/errors";
import { type ClientOptions, SwitchyardClient } from "../../client.ts";
import { defaultHome } from "../home.ts";
import { VERSION } from "../version.ts";
import { findServer } from "./findServer.ts";
import { otherVersionWarning } from "./otherVersion.ts";
import { startServer } from "./startServer.ts";

export interface ConnectOptions {
  readonly home?: string;
  /** start the home's server when it does not run */
  readonly start: boolean;
  /** `--port`, `--database-url`, … for a server that is started */
  readonly serverArguments?: readonly string[];
  /** told before a server is started, which takes a moment */
  readonly onStarting?: () => void;
  /** told when the running server is of another version; writes a line to stderr when absent */
  readonly onWarning?: (sentence: string) => void;
  readonly client?: Omit<ClientOptions, "url" | "token">;
}

/** A client of the server that SWITCHYARD_URL and SWITCHYARD_TOKEN name, else of the home's own server. */
export async function connect(options: ConnectOptions): Promise<SwitchyardClient> {
  const { SWITCHYARD_URL: url, SWITCHYARD_TOKEN: token } = process.env;
  if (url) {
    if (!token)
      throw new Unauthenticated(`SWITCHYARD_URL names ${url}, but SWITCHYARD_TOKEN is not set. Put a token of that server into it.`);
    return new SwitchyardClient({ version: VERSION, onOtherVersion: options.onWarning ?? warnOnStderr, ...options.client, url, token });
  }
  const home = options.home ?? defaultHome();
  const found = (await findServer(home)) ?? (await startOrSay(home, options));
  const warning = otherVersionWarning(home, found, VERSION);
  if (warning !== null) (options.onWarning ?? warnOnStderr)(warning);
  return new SwitchyardClient({ version: VERSION, ...options.client, url: found.url, token: found.token });
}

async function startOrSay(home: string, options: ConnectOptions) {
  if (!options.start) throw new ServerUnreachable(`No server runs for ${home}. \`switchyard up\` starts one.`, { details: { home } });
  options.onStarting?.();
  return await startServer(home, options.serverArguments);
}

function warnOnStderr(sentence: string): void {
  process.stderr.write(`Warning: ${sentence}\n`);
}
