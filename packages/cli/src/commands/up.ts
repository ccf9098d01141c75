import { defineCommand } from "../command.ts";
import { EXIT } from "../errors.ts";
import { count, text, toggle } from "../flags.ts";
import { refuseElsewhere } from "../server/connect.ts";
import { runInForeground } from "../server/foreground.ts";
import { homeOf } from "../server/home.ts";

export const up = defineCommand({
  summary: "Start the server of this home, if it does not run yet",
  description: "Commands that need a server start one by themselves; this is for choosing how",
  flags: {
    foreground: toggle({ help: "stay in this terminal (for systemd, containers); Ctrl-C stops the server, runs go on" }),
    port: count({ help: "port; default: the one of last time, else a free one" }),
    host: text({ help: "address to listen on; default: 127.0.0.1", valueName: "ADDRESS" }),
    databaseUrl: text({ help: "sqlite:FILE or postgres://…; default: SQLite in the home", valueName: "URL" }),
    artifactsUrl: text({ help: "folder:PATH; default: a folder in the home", valueName: "URL" }),
    logLevel: text({ help: "debug, info, warn or error", valueName: "LEVEL" }),
  },
  examples: [
    ["switchyard up", "in the background"],
    ["switchyard up --foreground --port 8700", "in this terminal, on a port of your choice"],
    ["switchyard up --database-url postgres://me@db/switchyard", "with a shared database"],
  ],
  async act({ flags, global, out, sdk, world }) {
    refuseElsewhere(world.env);
    const home = homeOf(world, global);
    const serverArguments = argumentsOf(flags);
    const { connect, findServer, serverCommand } = await sdk();
    const running = await findServer(home);
    if (running !== null) {
      out.note(
        `A server runs for ${home} already.${serverArguments.length > 0 ? " `switchyard down` first, to start it with other options." : ""}`,
      );
    } else if (flags.foreground) {
      return runInForeground(serverCommand(), ["--home", home, ...serverArguments], world.env);
    }
    const client = await out.progress.during(`Starting the server (home ${home}) …`, () => connect({ home, start: true, serverArguments }));
    const status = await client.serverStatus({});
    await out.result(
      { started: running === null, ...status },
      { human: () => `The server listens at ${status.url} (pid ${status.pid}, home ${status.home}).` },
    );
    return running !== null && serverArguments.length > 0 ? EXIT.failed : EXIT.done;
  },
});

type UpFlags = Readonly<Record<"port" | "host" | "databaseUrl" | "artifactsUrl" | "logLevel", string | number | undefined>>;

function argumentsOf({ port, host, databaseUrl, artifactsUrl, logLevel }: UpFlags): string[] {
  const given = { "--port": port, "--host": host, "--database-url": databaseUrl, "--artifacts-url": artifactsUrl, "--log-level": logLevel };
  return Object.entries(given).flatMap(([option, value]) => (value === undefined ? [] : [option, String(value)]));
}
