import {
  CLUSTER_FAIL_POINTS,
  FAIL_POINTS,
  OUTPUT_FAIL_POINTS,
  onFailPoint,
  RETRY_FAIL_POINTS,
  SERVICE_FAIL_POINTS,
  SWEEP_FAIL_POINTS,
} from "@switchyard/protocol";

/**
 * Kills this process at a fail point: `SWITCHYARD_FAIL_AT=take.before-commit`, or `take.before-commit:3` for the third
 * time it is reached. For the survival tests: SIGKILL leaves no chance to tidy up.
 */
export function killAtFailPoint(setting: string): void {
  const [name = "", times = "1"] = setting.split(":");
  const ofOthers = [...RETRY_FAIL_POINTS, ...CLUSTER_FAIL_POINTS, ...SWEEP_FAIL_POINTS, ...SERVICE_FAIL_POINTS];
  const known: readonly string[] = [...FAIL_POINTS, ...OUTPUT_FAIL_POINTS, ...ofOthers];
  if (!known.includes(name)) {
    throw new Error(`SWITCHYARD_FAIL_AT: there is no fail point "${name}"; there are ${known.join(", ")}.`);
  }
  let left = Number(times);
  onFailPoint((reached) => {
    if (reached === name && --left === 0) process.kill(process.pid, "SIGKILL");
  });
}
