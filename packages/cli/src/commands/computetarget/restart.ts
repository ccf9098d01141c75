import { powerCommand } from "./power.ts";

export const restartTarget = powerCommand({
  summary: "Stop a compute instance and start it again",
  verb: "restart",
  effect: "stops and starts it",
  act: (api, params) => api.restartTarget({ params }),
});
