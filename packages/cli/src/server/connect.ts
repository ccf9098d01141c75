import type { GlobalValues } from "../globals.ts";
import type { Output } from "../output/output.ts";
import type { Client, World } from "../world.ts";
import { homeOf } from "./home.ts";

/** The client of this home's server, which is started when it does not run. */
export async function connectToServer(world: World, global: GlobalValues, out: Output): Promise<Client> {
  const home = homeOf(world, global);
  const { connect } = await world.sdk();
  return out.progress.during(`Starting the server (home ${home}) …`, () => connect({ home, start: true }));
}
