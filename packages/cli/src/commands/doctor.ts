import { defineCommand } from "../command.ts";
import type { Check } from "../doctor/check.ts";
import { checkEngines } from "../doctor/engines.ts";
import { checkMachine } from "../doctor/machine.ts";
import { checkHome, checkServer } from "../doctor/server.ts";
import { EXIT } from "../errors.ts";
import type { Paint } from "../output/paint.ts";
import { homeOf } from "../server/home.ts";

export const doctor = defineCommand({
  summary: "Check this machine and say what is missing, and what it is needed for",
  description: "Starts nothing. Exit code 1 when something is missing without which runs cannot work",
  examples: [
    ["switchyard doctor", "what a person should look at"],
    ["switchyard doctor -o json", "the same for a program"],
  ],
  async act({ global, out, sdk, world }) {
    const home = homeOf(world, global);
    const groups = await out.progress.during("Looking at this machine …", () =>
      Promise.all([checkMachine(world.env), checkEngines(world.env), checkHome(home), checkServer(home, sdk, world.env)]),
    );
    const checks = groups.flat();
    await out.result(checks, { human: (paint) => checks.map((check) => line(check, paint)).join("\n") });
    return checks.some((check) => check.state === "missing") ? EXIT.failed : EXIT.done;
  },
});

function line({ state, name, found, advice }: Check, paint: Paint): string {
  const mark = { ok: paint.green("ok     "), hint: paint.yellow("hint   "), missing: paint.red("MISSING") }[state];
  return `${mark}  ${name}: ${found}${advice ? `\n         ${paint.dim(advice)}` : ""}`;
}
