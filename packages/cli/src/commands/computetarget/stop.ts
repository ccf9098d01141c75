import { powerCommand } from "./power.ts";

export const stopTarget = powerCommand({
  summary: "Stop a compute instance: it begins no run until it is started",
  verb: "stop",
  effect: "runs submitted to it wait",
  act: (api, params) => api.stopTarget({ params }),
});
