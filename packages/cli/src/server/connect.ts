import { BadRequest } from "@switchyard/protocol/errors";
import type { GlobalValues } from "../globals.ts";
import type { Output } from "../output/output.ts";
import type { Client, World } from "../world.ts";
import { homeOf } from "./home.ts";

/** The client of this home's server, which is started when it does not run. */
export async function connectToServer(world: World, global: GlobalValues, out: Output): Promise<Client> {
  const home = homeOf(world, global);
  const { connect } = await world.sdk();
  return out.progress.during("Waiting for the server …", (say) =>
    connect({
      home,
      start: true,
      onStarting: () => say(`Starting the server (home ${home}) …`),
      onWarning: (sentence) => out.warn(sentence),
    }),
  );
}

/** Refuses to start or stop a server of this machine while the environment points to another one. */
export function refuseElsewhere(env: World["env"]): void {
  if (!env.SWITCHYARD_URL) return;
  throw new BadRequest(
    `SWITCHYARD_URL names the server ${env.SWITCHYARD_URL}; this command is about the one of this machine. Unset it first.`,
  );
}
