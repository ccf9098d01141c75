import type { ServerStatus } from "@switchyard/protocol";
import { defineCommand } from "../command.ts";
import { EXIT } from "../errors.ts";
import type { Paint } from "../output/paint.ts";
import { listing } from "../output/table.ts";
import { localTime } from "../output/words.ts";
import { homeOf } from "../server/home.ts";

export const status = defineCommand({
  summary: "Tell whether the server runs: pid, address, version, home, database",
  description: "Starts nothing. Exit code 4 when no server runs for this home",
  examples: [
    ["switchyard status", "the server of ~/.switchyard"],
    ["switchyard status -o json --query url", "its address, for a program"],
  ],
  async act({ global, out, sdk, world }) {
    const home = homeOf(world, global);
    const { connect, findServer } = await sdk();
    if (!world.env.SWITCHYARD_URL && (await findServer(home)) === null) {
      await out.result(
        { running: false, home },
        { human: () => `No server runs for ${home}. \`switchyard up\` starts one; so does any command that needs it.` },
      );
      return EXIT.unreachable;
    }
    const found = await (await connect({ home, start: false })).serverStatus({});
    await out.result({ running: true, ...found }, { human: (paint) => statusText(found, paint) });
    return EXIT.done;
  },
});

function statusText(found: ServerStatus, paint: Paint): string {
  return listing([
    ["Server", paint.green("running")],
    ["Address", found.url],
    ["Version", found.version],
    ["Pid", found.pid],
    ["Since", localTime(found.startedUtc)],
    ["Home", found.home],
    ["Database", found.database],
    ["Runs", found.runs],
  ]);
}
