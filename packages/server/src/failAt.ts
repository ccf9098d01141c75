import { FAIL_POINTS, onFailPoint } from "@switchyard/protocol";

/**
 * Kills this process at a fail point: `SWITCHYARD_FAIL_AT=take.before-commit`, or `take.before-commit:3` for the third
 * time it is reached. For the survival tests: SIGKILL leaves no chance to tidy up.
 */
export function killAtFailPoint(setting: string): void {
  const [name = "", times = "1"] = setting.split(":");
  if (!(FAIL_POINTS as readonly string[]).includes(name)) {
    throw new Error(`SWITCHYARD_FAIL_AT: there is no fail point "${name}"; there are ${FAIL_POINTS.join(", ")}.`);
  }
  let left = Number(times);
  onFailPoint((reached) => {
    if (reached === name && --left === 0) process.kill(process.pid, "SIGKILL");
  });
}
