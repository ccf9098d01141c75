import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { NotFound } from "@switchyard/protocol/errors";

/** The command that runs a server: SWITCHYARD_SERVER_ENTRY, else `server.js` beside the running program, else the one of this repository. */
export function serverCommand(env: NodeJS.ProcessEnv = process.env): [string, ...string[]] {
  const entry = env.SWITCHYARD_SERVER_ENTRY || installedEntries().find((path) => existsSync(path));
  if (entry === undefined) {
    throw new NotFound(
      "No server program is installed beside this one. Install Switchyard again, or name its file in SWITCHYARD_SERVER_ENTRY.",
    );
  }
  if (!existsSync(entry)) throw new NotFound(`SWITCHYARD_SERVER_ENTRY names ${entry}, which does not exist.`);
  return [process.execPath, entry];
}

function installedEntries(): string[] {
  const here = dirname(fileURLToPath(import.meta.url));
  const script = process.argv[1] === undefined ? [] : [join(dirname(process.argv[1]), "server.js")];
  return [join(here, "server.js"), ...script, join(here, "../../../../server/src/main.ts")];
}
