import { setTimeout as sleep } from "node:timers/promises";
import { SwitchyardError } from "@switchyard/protocol/errors";
import { isAlive } from "@switchyard/sdk/node";
import { defineCommand } from "../command.ts";
import { seconds } from "../flags.ts";
import { refuseElsewhere } from "../server/connect.ts";
import { homeOf } from "../server/home.ts";

const LOOK_EVERY_MS = 20;

export const down = defineCommand({
  summary: "Stop the server; runs go on, and the next server reads what they did meanwhile",
  flags: { patience: seconds({ default: 30, help: "how long to wait for its end" }) },
  examples: [["switchyard down", "no run is harmed"]],
  async act({ flags, global, out, sdk, world }) {
    refuseElsewhere(world.env);
    const home = homeOf(world, global);
    const { connect, findServer } = await sdk();
    const running = await findServer(home);
    if (running === null) {
      await out.result({ stopped: false, home }, { human: () => `No server runs for ${home}.` });
      return;
    }
    await (await connect({ home, start: false })).stopServer({});
    const { pid } = running;
    const gone = await out.progress.during("Stopping the server …", () => waitForEnd(pid, flags.patience));
    if (!gone) {
      throw new SwitchyardError(
        `The server (pid ${pid}) was asked to stop but is still there after ${flags.patience} s. \`kill ${pid}\` ends it; runs go on.`,
      );
    }
    await out.result({ stopped: true, pid, home }, { human: () => `Stopped the server (pid ${pid}). Runs go on.` });
  },
});

/** Waits until a process is gone. It is not our child, so there is nothing to wait on but its id. */
async function waitForEnd(pid: number, patienceSeconds: number): Promise<boolean> {
  const until = performance.now() + patienceSeconds * 1000;
  while (isAlive(pid)) {
    if (performance.now() > until) return false;
    await sleep(LOOK_EVERY_MS);
  }
  return true;
}
